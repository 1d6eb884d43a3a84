import {
  BRASS,
  DEEP,
  FLAT,
  IRON,
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
  WOOD,
  woven,
} from "./draw.ts";

export const backpack: Shape = (model) => {
  const roll = model.vary(1, 0, 1) > 0.6;
  return [
    stroke("M350 170 Q350 110 400 110 Q450 110 450 170", IRON, 16),
    mirrored(stroke("M236 330 Q150 460 210 620", DEEP, 26)),
    woven(
      "M236 640 Q206 400 240 270 Q270 150 400 150 Q530 150 560 270 Q594 400 564 640 Q400 668 236 640Z",
      MAIN,
    ),
    roll
      ? rect(250, 150, 300, 66, 26, FLAT) + rect(386, 150, 28, 150, 6, IRON)
      : woven("M240 290 Q270 150 400 150 Q530 150 560 290 Q400 350 240 290Z"),
    path("M276 430 Q400 400 524 430 L536 610 Q400 630 264 610Z", DEEP),
    path("M280 424 Q400 396 520 424 L524 470 Q400 446 276 470Z", FLAT),
    mirrored(rect(318, 430, 20, 90, 5, WOOD) + rect(315, 486, 26, 20, 4, BRASS)),
    stitches("M276 600 Q400 618 524 600"),
    sheen("M262 320 Q280 210 350 184", 12),
  ].join("");
};

export const tote: Shape = (model) => {
  const stripes =
    model.vary(1, 0, 1) > 0.5 ? [420, 470, 520].map((y) => rect(222, y, 356, 18, 0, PALE)).join("") : "";
  return [
    stroke("M310 330 Q310 120 400 120 Q490 120 490 330", WOOD, 17),
    woven("M210 300 H590 L616 640 H184Z", MAIN),
    path("M210 300 H590 L580 330 H220Z", DEEP),
    stripes,
    stroke("M300 350 Q300 160 400 160 Q500 160 500 350", WOOD, 19),
    mirrored(rect(286, 340, 28, 44, 4, WOOD)),
    stitches("M214 346 H586"),
    seam("M260 350 Q250 500 262 630 M540 350 Q552 500 538 630"),
    sheen("M238 380 L226 600", 10),
  ].join("");
};

export const duffel: Shape = () =>
  [
    stroke("M300 330 Q310 170 400 170 Q490 170 500 330", WOOD, 18),
    woven(
      "M150 360 Q160 290 250 290 H550 Q640 290 650 360 L664 560 Q664 620 600 620 H200 Q136 620 136 560Z",
      MAIN,
    ),
    mirrored(path("M150 360 Q160 290 220 290 Q196 450 214 620 H200 Q136 620 136 560Z", DEEP)),
    mirrored(rect(286, 300, 26, 320, 0, WOOD)),
    seam("M200 318 H600", 6),
    rect(540, 310, 44, 12, 5, BRASS),
    stroke("M286 360 Q300 230 400 230 Q500 230 514 360", WOOD, 20),
    rect(346, 420, 108, 90, 10, FLAT),
    stitches("M356 432 H444 V498 H356Z"),
    sheen("M230 350 Q224 440 232 560", 10),
  ].join("");

export const sling: Shape = () =>
  [
    stroke("M210 430 Q120 120 400 120 Q680 120 590 430", IRON, 20),
    rect(560, 220, 48, 34, 8, BRASS),
    woven("M170 440 Q170 380 240 380 H560 Q630 380 630 440 Q630 610 520 620 H280 Q170 610 170 440Z", MAIN),
    seam("M196 440 H604", 7),
    rect(540, 432, 52, 16, 6, BRASS),
    path("M240 490 H560 Q556 580 500 584 H300 Q244 580 240 490Z", DEEP),
    stitches("M256 502 H544"),
    sheen("M210 420 Q220 400 280 398", 9),
  ].join("");

export const messenger: Shape = () =>
  [
    stroke("M196 330 Q230 100 400 100 Q570 100 604 330", WOOD, 20),
    woven("M180 310 H620 L634 600 Q634 630 604 630 H196 Q166 630 166 600Z", DEEP),
    woven("M170 300 H630 L622 500 Q620 530 590 530 H210 Q180 530 178 500Z", MAIN),
    stitches("M188 316 H612 L606 496 Q604 514 588 514 H212 Q196 514 194 496Z"),
    mirrored(rect(272, 470, 38, 100, 6, WOOD) + rect(268, 520, 46, 30, 5, BRASS)),
    sheen("M210 340 L214 460", 10),
  ].join("");

export const pouch: Shape = (model) =>
  turned(
    [
      woven(
        "M180 320 Q190 280 240 280 H560 Q610 280 620 320 L640 580 Q640 620 590 620 H210 Q160 620 160 580Z",
        MAIN,
      ),
      path("M180 320 Q190 280 240 280 H560 Q610 280 620 320 L622 350 H178Z", FLAT),
      seam("M186 336 H614", 8),
      rect(590, 328, 80, 16, 8, BRASS),
      mirrored(path("M160 400 L196 420 V480 L160 500Z", WOOD)),
      rect(330, 420, 140, 80, 8, PALE),
      seam("M350 450 H450 M350 474 H420", 3),
      sheen("M214 380 L204 560", 12),
      oval(670, 336, 8, 8, IRON),
    ].join(""),
    model.vary(1, -6, 6),
  );
