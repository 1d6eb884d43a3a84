import {
  DEEP,
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
  stitches,
  stroke,
  turned,
  WEAVE,
  WOOD,
  woven,
} from "./draw.ts";

export const blanket: Shape = (model) => {
  const fringe = Array.from({ length: 24 }, (_, at) =>
    stroke(`M${196 + at * 18} 590 V${632 + (at % 3) * 5}`, MAIN, 5),
  ).join("");
  return [
    woven("M170 290 Q160 230 230 226 H590 Q640 226 640 280 V330 H170Z", PALE),
    woven("M160 340 Q150 286 210 284 H610 Q654 290 650 346 V410 H160Z", MAIN),
    woven("M154 410 Q144 350 206 350 H600 Q660 350 656 420 V500 H154Z"),
    model.vary(1, 0, 1) > 0.3 ? fringe : "",
    woven("M176 420 Q400 396 634 420 V590 Q400 606 176 590Z", MAIN),
    seam("M176 430 Q400 406 634 430", 4),
    sheen("M190 300 H560", 7),
  ].join("");
};

export const cushion: Shape = (model) =>
  turned(
    [
      woven("M176 190 Q400 236 624 190 Q588 400 624 620 Q400 574 176 620 Q212 400 176 190Z", MAIN),
      seam("M190 206 Q400 250 610 206", 2),
      stitches("M204 230 Q400 268 596 230 Q566 400 596 584 Q400 546 204 584 Q236 400 204 230"),
      sheen("M230 300 Q250 260 340 262", 14),
      path("M624 190 Q588 400 624 620 Q560 604 520 598 Q560 400 540 208Z", "#1b1713", 'opacity=".1"'),
    ].join(""),
    model.vary(1, -10, 10),
  );

export const towel: Shape = () =>
  [
    rect(140, 170, 520, 22, 11, WOOD),
    mirrored(oval(140, 181, 18, 24, WOOD)),
    woven("M236 176 H564 V630 Q400 650 236 630Z", MAIN),
    rect(236, 540, 328, 20, 0, PALE),
    rect(236, 572, 328, 8, 0, PALE),
    woven("M260 176 H500 V470 Q380 486 260 470Z", PALE),
    seam("M300 190 Q296 330 302 466 M440 190 Q446 330 438 468", 3),
    seam("M500 180 V470", 3),
    sheen("M276 200 V440", 8),
  ].join("");

export const rug: Shape = (model) => {
  const diamond = (y: number, size: number): string =>
    path(`M400 ${y - size} L${400 + size * 1.2} ${y} L400 ${y + size} L${400 - size * 1.2} ${y}Z`, PALE) +
    path(
      `M400 ${y - size * 0.5} L${400 + size * 0.6} ${y} L400 ${y + size * 0.5} L${400 - size * 0.6} ${y}Z`,
      DEEP,
    );
  const size = model.vary(1, 50, 82);
  const fringe = Array.from({ length: 30 }, (_, at) =>
    stroke(`M${206 + at * 13.4} 106 V86 M${206 + at * 13.4} 694 V714`, LINEN, 4),
  ).join("");
  return [
    fringe,
    woven("M200 104 H600 V696 H200Z", MAIN),
    path("M226 130 H574 V670 H226Z", "none", 'stroke="#fff" stroke-opacity=".5" stroke-width="8"'),
    ...[240, 400, 560].map((y) => diamond(y, size)),
    mirrored([240, 400, 560].map((y) => path(`M236 ${y - 50} L290 ${y} L236 ${y + 50}Z`, PALE)).join("")),
    path("M200 104 H600 V696 H200Z", WEAVE),
  ].join("");
};

export const bedding: Shape = () =>
  [
    path("M110 330 Q110 250 190 250 H610 Q690 250 690 330 V420 H110Z", WOOD),
    path("M150 400 H650 V660 Q400 690 150 660Z", LINEN),
    mirrored(
      woven("M176 330 Q190 290 284 300 Q380 290 390 330 Q396 400 384 420 H184 Q168 380 176 330Z", PALE),
    ),
    woven("M126 430 Q400 390 674 430 L700 640 Q400 690 100 640Z", MAIN),
    woven("M126 430 Q400 390 674 430 L680 480 Q400 440 120 480Z", PALE),
    seam("M240 490 Q230 580 250 655 M420 470 Q430 570 410 668 M580 486 Q570 580 590 650", 4),
    sheen("M180 520 Q300 494 380 500", 10),
  ].join("");
