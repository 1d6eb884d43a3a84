import {
  BRASS,
  FLAT,
  GLASS,
  GLOW,
  IRON,
  LINEN,
  MAIN,
  mirrored,
  oval,
  PALE,
  path,
  rect,
  type Shape,
  seam,
  sheen,
  stroke,
} from "./draw.ts";

export const pendant: Shape = (model) => {
  const width = model.vary(1, 150, 205);
  const top = model.vary(2, 255, 300);
  return [
    stroke(`M400 0V${top - 40}`, IRON, 6),
    rect(378, top - 56, 44, 60, 10, BRASS),
    path(
      `M${400 - width} 480 Q${400 - width} ${top} 400 ${top - 6} Q${400 + width} ${top} ${400 + width} 480Z`,
      MAIN,
    ),
    sheen(`M${400 - width + 40} 440 Q${400 - width + 50} ${top + 70} 370 ${top + 26}`, 12),
    oval(400, 480, width, 34, PALE),
    oval(400, 486, width - 26, 24, GLOW),
    path(
      `M${400 - width} 488 L${300 - width} 800 H${500 + width} L${400 + width} 488Z`,
      "#ffe2a3",
      'opacity=".16"',
    ),
  ].join("");
};

export const globe: Shape = (model) => {
  const radius = model.vary(1, 165, 195);
  return [
    stroke("M400 0V190", IRON, 5),
    rect(374, 170, 52, 50, 8, BRASS),
    oval(400, 400, radius, radius * model.vary(2, 0.9, 1), MAIN),
    oval(400, 410, radius * 0.8, radius * 0.76, GLOW, 'opacity=".8"'),
    ...[-0.62, -0.32, 0, 0.32, 0.62].map((at) =>
      seam(
        `M${400 - radius * Math.sqrt(1 - at * at)} ${400 + at * radius * 0.95} Q400 ${430 + at * radius} ${400 + radius * Math.sqrt(1 - at * at)} ${400 + at * radius * 0.95}`,
        2,
      ),
    ),
    sheen(`M${400 - radius * 0.7} 360 Q${400 - radius * 0.55} 280 ${400 - radius * 0.2} 262`, 14),
  ].join("");
};

export const desklamp: Shape = (model) => {
  const elbow = model.vary(1, 220, 270);
  return [
    oval(440, 634, 130, 26, IRON),
    oval(440, 624, 126, 24, MAIN),
    stroke(`M440 616 L${elbow} 400`, MAIN, 16),
    stroke(`M${elbow} 400 L450 190`, MAIN, 14),
    oval(elbow, 400, 20, 20, BRASS),
    oval(450, 190, 18, 18, BRASS),
    path("M420 158 Q470 110 540 150 L640 296 L470 350Z", MAIN),
    sheen("M460 176 L510 318", 10),
    path("M468 352 L642 294 L664 326 Q580 400 492 384Z", GLOW),
    path("M480 384 L400 800 H800 V480 L660 330Z", "#ffe2a3", 'opacity=".14"'),
  ].join("");
};

export const tablelamp: Shape = (model) => {
  const foot = model.vary(1, 66, 112);
  const belly = model.vary(2, 500, 560);
  return [
    rect(390, 330, 20, 120, 6, BRASS),
    path(
      `M372 420 H428 Q${400 + foot * 1.25} ${belly} ${400 + foot * 0.8} 638 H${400 - foot * 0.8} Q${400 - foot * 1.25} ${belly} 372 420Z`,
      MAIN,
    ),
    sheen(`M${400 - foot * 0.55} 600 Q${400 - foot * 0.7} ${belly} 384 450`, 12),
    oval(400, 372, 120, 60, GLOW, 'opacity=".9"'),
    path("M310 170 H490 L570 372 H230Z", LINEN),
    path("M310 170 H490 L570 372 H230Z", GLOW, 'opacity=".45"'),
    seam("M230 372 H570", 4),
    seam("M310 170 H490", 3),
  ].join("");
};

export const floorlamp: Shape = (model) =>
  model.vary(1, 0, 1) > 0.5
    ? [
        oval(320, 640, 120, 22, IRON),
        stroke("M320 634 V230 Q320 110 440 110 Q510 110 520 160", MAIN, 14),
        path("M450 160 H590 L630 270 H410Z", MAIN),
        oval(520, 270, 110, 18, GLOW),
        path("M412 276 L330 800 H720 L628 276Z", "#ffe2a3", 'opacity=".15"'),
        sheen("M470 180 L448 250", 8),
      ].join("")
    : [
        mirrored(stroke("M396 300 L270 660", MAIN, 18)),
        stroke("M400 300 V640", MAIN, 16),
        rect(372, 290, 56, 34, 6, BRASS),
        path("M300 80 H500 L560 296 H240Z", LINEN),
        path("M300 80 H500 L560 296 H240Z", GLOW, 'opacity=".45"'),
        seam("M240 296 H560", 4),
      ].join("");

export const lantern: Shape = () =>
  [
    stroke("M290 300 Q290 110 400 110 Q510 110 510 300", IRON, 10),
    path("M330 210 H470 L500 270 H300Z", MAIN),
    rect(360, 170, 80, 46, 8, MAIN),
    path("M316 270 H484 Q530 400 484 500 H316 Q270 400 316 270Z", GLASS),
    oval(400, 410, 60, 80, GLOW),
    path("M400 350 Q432 410 400 446 Q368 410 400 350Z", "#f3a63b"),
    mirrored(stroke("M306 270 Q250 400 306 506", MAIN, 12)),
    path("M300 500 H500 L520 560 H280Z", MAIN),
    path("M270 560 H530 L540 640 H260Z", FLAT),
    sheen("M296 580 L290 620", 10),
    oval(500, 530, 14, 14, BRASS),
  ].join("");

export const candle: Shape = (model) => {
  const one = (x: number, top: number, width: number): string =>
    [
      rect(x - width / 2, top, width, 520 - top, 8, LINEN),
      oval(x, top + 2, width / 2, 8, "#fff7e2"),
      stroke(`M${x} ${top} V${top - 16}`, "#3a2f26", 4),
      oval(x, top - 40, 40, 60, GLOW, 'opacity=".7"'),
      path(
        `M${x} ${top - 74} Q${x + 18} ${top - 30} ${x} ${top - 12} Q${x - 18} ${top - 30} ${x} ${top - 74}Z`,
        "#f5b04a",
      ),
      path(
        `M${x - 40} 516 H${x + 40} L${x + 18} 560 V600 L${x + 78} 640 H${x - 78} L${x - 18} 600 V560Z`,
        MAIN,
      ),
      sheen(`M${x - 8} 560 V600`, 6),
    ].join("");
  const width = model.vary(1, 30, 60);
  return one(290, 250, width) + one(510, 340, width);
};
