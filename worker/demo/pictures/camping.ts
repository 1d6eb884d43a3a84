import {
  BRASS,
  DEEP,
  FLAT,
  GLOW,
  IRON,
  MAIN,
  mirrored,
  oval,
  PALE,
  path,
  rect,
  type Shape,
  STEEL,
  seam,
  sheen,
  stroke,
  turned,
  WOOD,
  woven,
} from "./draw.ts";

export const tent: Shape = (model) => {
  const peak = model.vary(1, 170, 250);
  return [
    oval(400, 650, 350, 22, "#5d6b43", 'opacity=".35"'),
    mirrored(stroke("M110 560 L40 660", "#efe4cf", 4)),
    path(`M400 ${peak} Q600 ${peak + 120} 730 650 H70 Q200 ${peak + 120} 400 ${peak}Z`, MAIN),
    path(`M400 ${peak} Q600 ${peak + 120} 730 650 H560 Q500 ${peak + 200} 400 ${peak}Z`, DEEP),
    path(`M400 ${peak + 60} Q480 ${peak + 220} 520 650 H280 Q320 ${peak + 220} 400 ${peak + 60}Z`, "#2a2118"),
    oval(400, 600, 90, 60, GLOW, 'opacity=".7"'),
    path(`M400 ${peak + 60} Q330 ${peak + 220} 280 650 H330 Q350 ${peak + 260} 400 ${peak + 60}Z`, PALE),
    path(`M400 ${peak + 60} Q470 ${peak + 220} 520 650 H470 Q450 ${peak + 260} 400 ${peak + 60}Z`, PALE),
    seam(`M400 ${peak} Q270 ${peak + 160} 190 650`, 3),
    sheen(`M340 ${peak + 80} Q250 ${peak + 200} 180 560`, 10),
  ].join("");
};

export const sleepingbag: Shape = () =>
  turned(
    [
      woven(
        "M300 130 Q400 60 500 130 Q560 220 540 420 Q520 640 460 690 Q400 716 340 690 Q280 640 260 420 Q240 220 300 130Z",
        MAIN,
      ),
      ...[260, 340, 420, 500, 580, 650].map((y) =>
        seam(
          `M${262 + Math.max(0, y - 420) * 0.28} ${y} Q400 ${y + 26} ${538 - Math.max(0, y - 420) * 0.28} ${y}`,
          4,
        ),
      ),
      oval(400, 176, 92, 70, DEEP),
      oval(400, 190, 70, 50, "#efe4cf"),
      seam("M470 230 Q520 340 500 500", 6),
      rect(494, 486, 12, 34, 5, BRASS),
      sheen("M290 300 Q284 420 306 540", 14),
    ].join(""),
    24,
  );

export const stove: Shape = (model) =>
  model.vary(1, 0, 1) > 0.5
    ? [
        rect(160, 420, 480, 180, 18, MAIN),
        path("M160 420 L200 260 H600 L640 420Z", FLAT),
        seam("M180 344 H620", 3),
        mirrored(
          oval(290, 430, 84, 20, IRON) +
            oval(290, 424, 60, 13, "#4d86c8", 'opacity=".9"') +
            stroke("M200 420 H380 M290 404 V440", STEEL, 8),
        ),
        mirrored(oval(260, 530, 28, 28, IRON) + stroke("M260 530 V508", "#fff", 6)),
        mirrored(rect(190, 600, 40, 40, 6, IRON)),
        sheen("M190 460 V570", 10),
      ].join("")
    : [
        path("M310 470 Q310 440 400 440 Q490 440 490 470 V630 Q400 656 310 630Z", MAIN),
        sheen("M340 480 V610", 12),
        rect(384, 350, 32, 96, 6, STEEL),
        rect(416, 390, 110, 12, 6, STEEL),
        oval(530, 396, 20, 24, MAIN),
        mirrored(stroke("M392 360 L290 300 V270", STEEL, 12)),
        oval(400, 330, 66, 20, IRON),
        ...[-44, -16, 16, 44].map((dx) =>
          path(
            `M${400 + dx} 320 Q${412 + dx} 280 ${400 + dx} 250 Q${388 + dx} 280 ${400 + dx} 320Z`,
            "#5b9bdc",
            'opacity=".85"',
          ),
        ),
        rect(262, 252, 276, 14, 6, STEEL),
      ].join("");

export const bottle: Shape = (model) => {
  const wide = model.vary(1, 76, 100);
  return [
    woven(
      `M${400 - wide} 340 Q${400 - wide} 280 ${430 - wide} 256 V220 H${370 + wide} V256 Q${400 + wide} 280 ${400 + wide} 340 V610 Q${400 + wide} 642 ${368 + wide} 642 H${432 - wide} Q${400 - wide} 642 ${400 - wide} 610Z`,
      MAIN,
    ),
    rect(424 - wide, 150, wide * 2 - 48, 78, 14, IRON),
    stroke("M370 150 Q370 96 400 96 Q430 96 430 150", IRON, 12),
    rect(400 - wide, 590, wide * 2, 20, 0, STEEL),
    sheen(`M${428 - wide} 320 V570`, 14),
    path("M400 400 L430 450 H370Z M384 436 L400 410 L424 450Z", "#fff", 'opacity=".7"'),
  ].join("");
};

export const campchair: Shape = () =>
  [
    mirrored(stroke("M230 660 L560 420", IRON, 14)),
    mirrored(stroke("M250 200 L220 660", WOOD, 18)),
    woven("M236 180 Q400 220 564 180 L556 360 Q400 396 244 360Z", MAIN),
    woven("M220 430 Q400 486 580 430 L610 490 Q400 556 190 490Z"),
    mirrored(rect(180, 392, 120, 22, 10, WOOD)),
    seam("M252 346 Q400 380 548 346", 3),
    sheen("M270 220 Q330 236 390 238", 9),
  ].join("");

export const headlamp: Shape = () =>
  [
    stroke("M180 420 Q170 200 400 200 Q630 200 620 420", MAIN, 56),
    stroke("M180 420 Q170 200 400 200 Q630 200 620 420", "#fff", 4, 'opacity=".4" stroke-dasharray="16 14"'),
    stroke("M176 430 Q240 560 340 560 M624 430 Q560 560 460 560", DEEP, 46),
    rect(296, 470, 208, 150, 34, IRON),
    oval(400, 545, 66, 60, STEEL),
    oval(400, 545, 52, 46, GLOW),
    path("M350 600 L250 800 H550 L450 600Z", "#fff1c4", 'opacity=".25"'),
    rect(470, 456, 26, 18, 6, MAIN),
  ].join("");

export const hammock: Shape = () =>
  [
    mirrored(rect(60, 100, 44, 560, 10, WOOD)),
    mirrored(stroke("M84 240 L190 320", "#efe4cf", 7)),
    woven("M180 310 Q400 700 620 310 Q400 470 180 310Z", MAIN),
    path("M180 310 Q400 700 620 310 Q590 520 400 560 Q210 520 180 310Z", DEEP, 'opacity=".6"'),
    ...[0.2, 0.4, 0.6, 0.8].map((at) =>
      seam(`M190 320 Q${180 + 440 * at} ${620 - Math.abs(at - 0.5) * 120} 610 320`, 2),
    ),
    sheen("M250 400 Q330 500 430 500", 10),
  ].join("");

export const axe: Shape = () =>
  turned(
    [
      path("M382 150 H420 Q430 400 424 560 Q440 660 420 690 Q396 700 384 680 Q376 560 384 400Z", MAIN),
      path(
        "M360 150 H450 V250 Q360 262 300 300 Q240 322 214 300 Q196 200 226 120 Q256 104 300 132 Q340 152 360 150Z",
        STEEL,
      ),
      path("M226 120 Q196 200 214 300 Q200 310 192 300 Q170 200 204 112Z", "#eef2f3"),
      sheen("M280 160 Q330 176 430 172", 8),
      seam("M402 280 Q410 450 404 660", 2),
      rect(370, 136, 62, 16, 4, WOOD),
    ].join(""),
    30,
  );
