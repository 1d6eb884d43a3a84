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

/** One leaf from (x, y), leaning by `lean` degrees. */
function leaf(x: number, y: number, length: number, lean: number, colour: string): string {
  const width = length * 0.28;
  return turned(
    path(
      `M${x} ${y} Q${x - width} ${y - length * 0.55} ${x} ${y - length} Q${x + width} ${y - length * 0.55} ${x} ${y}Z`,
      colour,
    ) + seam(`M${x} ${y} V${y - length * 0.85}`, 2),
    lean,
    x,
    y,
  );
}

export const planter: Shape = (model) => {
  const greens = ["#4f7a4d", "#6b8f55", "#3d6650", "#84a06a"];
  const width = model.vary(1, 120, 170);
  const top = model.vary(2, 410, 470);
  const leaves = Array.from({ length: 11 }, (_, at) =>
    leaf(
      400 + (at - 5) * 12,
      top,
      model.vary(at + 5, 170, 330),
      (at - 5) * model.vary(3, 9, 13),
      greens[at % 4] ?? "#4f7a4d",
    ),
  );
  return [
    leaves.join(""),
    woven(
      `M${400 - width} ${top} H${400 + width} L${380 + width * 0.8} 620 Q${370 + width * 0.8} 644 ${350 + width * 0.8} 644 H${450 - width * 0.8} Q${430 - width * 0.8} 644 ${420 - width * 0.8} 620Z`,
      MAIN,
    ),
    rect(392 - width, top - 16, width * 2 + 16, 44, 10, MAIN),
    seam(`M${396 - width} ${top + 30} H${404 + width}`, 4),
    sheen(`M${436 - width} ${top + 60} L${450 - width * 0.86} 600`, 12),
  ].join("");
};

export const wateringcan: Shape = () =>
  [
    stroke("M520 400 Q680 380 660 520 Q650 590 540 600", DEEP, 20),
    stroke("M310 400 Q330 250 430 260 Q520 270 516 400", MAIN, 18),
    path("M300 560 L120 330 L150 306 L320 460Z", DEEP),
    turned(rect(82, 286, 96, 34, 8, BRASS), -52, 132, 306),
    path("M290 400 H540 L556 620 Q556 642 530 642 H300 Q276 642 278 620Z", MAIN),
    oval(415, 400, 126, 24, DEEP),
    seam("M286 460 Q415 480 546 460", 3),
    sheen("M322 450 L316 600", 14),
  ].join("");

export const trowel: Shape = () =>
  turned(
    [
      path("M340 400 Q320 520 400 680 Q480 520 460 400 Q400 376 340 400Z", STEEL),
      path("M372 420 Q364 520 400 640 Q410 520 400 410Z", "#fff", 'opacity=".3"'),
      stroke("M400 404 V310", STEEL, 20),
      path("M372 310 Q360 200 380 120 Q400 92 420 120 Q440 200 428 310Z", MAIN),
      rect(370, 292, 60, 26, 6, BRASS),
      oval(400, 136, 8, 8, "#efe9df"),
      sheen("M384 290 Q378 210 388 150", 7),
    ].join(""),
    32,
  );

export const fork: Shape = () =>
  turned(
    [
      stroke("M330 470 V660 M400 470 V684 M470 470 V660", STEEL, 16),
      stroke("M330 480 Q330 430 400 426 Q470 430 470 480", STEEL, 18),
      stroke("M400 426 V330", STEEL, 20),
      path("M372 330 Q360 210 380 110 Q400 84 420 110 Q440 210 428 330Z", MAIN),
      rect(370, 310, 60, 26, 6, BRASS),
      sheen("M384 300 Q378 210 388 140", 7),
    ].join(""),
    28,
  );

export const secateurs: Shape = () =>
  turned(
    [
      path("M380 400 Q330 260 400 110 Q446 200 430 400Z", STEEL),
      path("M430 410 Q500 300 470 190 Q440 210 400 330Z", IRON),
      path("M384 400 Q330 520 320 680 Q340 704 362 684 Q380 540 420 430Z", MAIN),
      path("M424 410 Q490 520 500 670 Q482 700 458 680 Q440 550 396 440Z", DEEP),
      oval(404, 404, 22, 22, BRASS),
      stroke("M378 500 q12 10 24 0 q12 -10 24 0", STEEL, 5),
      sheen("M372 470 Q350 560 340 650", 8),
    ].join(""),
    -24,
  );

export const birdhouse: Shape = (model) =>
  [
    rect(386, 560, 28, 240, 6, WOOD),
    path("M270 300 L400 180 L530 300 V580 H270Z", MAIN),
    seam("M314 270 V580 M357 230 V580 M443 230 V580 M486 270 V580", 2),
    path("M400 130 L590 306 L556 336 L400 192 L244 336 L210 306Z", WOOD),
    model.vary(1, 0, 1) > 0.4
      ? oval(400, 376, 46, 46, "#241b14") +
        oval(400, 376, 46, 46, "none", 'stroke="#000" stroke-opacity=".25" stroke-width="8"')
      : rect(310, 340, 180, 110, 10, "#241b14") +
        [330, 366, 392, 418, 444, 470].map((x) => oval(x, 430, 12, 12, WOOD)).join(""),
    rect(392, 452, 16, 60, 8, WOOD),
    rect(256, 572, 288, 22, 6, WOOD),
    path("M380 470 q40 -40 84 -14 l34 -6 l-20 22 q-20 40 -66 30 q-30 -6 -32 -32Z", "#8b5a3c"),
    oval(456, 462, 5, 5, "#1b1713"),
    path("M488 462 l22 4 l-22 8Z", "#d19a35"),
  ].join("");

export const basket: Shape = (model) => {
  const rows = Array.from({ length: 6 }, (_, row) =>
    stroke(
      `M${196 + row * 8} ${420 + row * 36} ${Array.from({ length: 10 }, (_, at) => `q${(408 - row * 16) / 40} ${at % 2 ? 16 : -16} ${(408 - row * 16) / 20} 0 q${(408 - row * 16) / 40} ${at % 2 ? -16 : 16} ${(408 - row * 16) / 20} 0`).join(" ")}`,
      "#1b1713",
      4,
      'opacity=".28"',
    ),
  );
  return [
    stroke(
      `M220 400 Q240 ${model.vary(1, 120, 200)} 400 ${model.vary(1, 120, 200)} Q560 ${model.vary(1, 120, 200)} 580 400`,
      MAIN,
      22,
    ),
    oval(400, 400, 214, 40, DEEP),
    ...[250, 320, 400, 480, 550].map((x, at) =>
      oval(x, 380, 46, 40, ["#8fa083", "#b23c36", "#d19a35", "#5d6b43", "#efe4cf"][at] ?? "#8fa083"),
    ),
    path("M186 400 Q400 460 614 400 L570 620 Q400 664 230 620Z", MAIN),
    ...rows,
    stroke("M186 402 Q400 462 614 402", PALE, 18),
    sheen("M232 450 L258 590", 12),
  ].join("");
};

export const firebowl: Shape = () =>
  [
    mirrored(stroke("M280 560 L230 680", IRON, 20)),
    stroke("M400 590 V690", IRON, 20),
    oval(400, 430, 250, 50, DEEP),
    ...[-120, -50, 30, 110].map((dx, at) =>
      turned(rect(330 + dx, 400, 150, 34, 14, WOOD), at % 2 ? 14 : -16, 400 + dx, 416),
    ),
    oval(400, 330, 170, 150, GLOW, 'opacity=".8"'),
    path(
      "M320 420 Q280 320 350 250 Q350 310 390 320 Q380 230 440 160 Q440 250 490 290 Q520 350 480 420Z",
      "#e8792b",
    ),
    path("M360 424 Q340 360 390 320 Q400 350 420 340 Q430 300 450 290 Q470 370 450 424Z", "#f9c953"),
    path("M150 430 Q160 580 400 600 Q640 580 650 430 Q400 500 150 430Z", MAIN),
    sheen("M200 490 Q250 556 330 572", 12),
    path("M150 430 Q400 500 650 430 L648 446 Q400 516 152 446Z", FLAT),
  ].join("");
