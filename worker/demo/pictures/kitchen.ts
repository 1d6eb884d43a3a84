import {
  BRASS,
  DEEP,
  GLASS,
  IRON,
  MAIN,
  mirrored,
  oval,
  path,
  rect,
  type Shape,
  STEEL,
  seam,
  sheen,
  stroke,
  turned,
  WOOD,
} from "./draw.ts";

export const pot: Shape = (model) => {
  const top = model.vary(1, 350, 400);
  return [
    mirrored(
      stroke(
        `M196 ${top + 60} Q130 ${top + 50} 134 ${top + 90} Q140 ${top + 116} 196 ${top + 106}`,
        DEEP,
        22,
      ),
    ),
    path(`M186 ${top} H614 L596 610 Q590 644 550 644 H250 Q210 644 204 610Z`, MAIN),
    oval(400, top, 220, 36, DEEP),
    path(
      `M180 ${top} Q190 ${top - 80} 400 ${top - 92} Q610 ${top - 80} 620 ${top} Q400 ${top + 48} 180 ${top}Z`,
      MAIN,
    ),
    rect(384, top - 112, 32, 30, 4, BRASS),
    oval(400, top - 114, 40, 15, BRASS),
    sheen(`M244 ${top + 60} L254 580`, 16),
    sheen(`M240 ${top - 24} Q280 ${top - 62} 350 ${top - 70}`, 10),
  ].join("");
};

export const pan: Shape = (model) =>
  turned(
    [
      path(
        "M560 376 L770 356 Q796 360 796 384 Q796 408 770 410 L560 424Z",
        model.vary(1, 0, 1) > 0.5 ? WOOD : IRON,
      ),
      oval(784, 383, 7, 10, "#fff", 'opacity=".35"'),
      oval(360, 414, 250, 236, DEEP),
      oval(360, 400, 250, 236, MAIN),
      oval(360, 400, 214, 200, IRON),
      oval(360, 400, 214, 200, MAIN, 'opacity=".55"'),
      ...(model.vary(2, 0, 1) > 0.6
        ? [-120, -60, 0, 60, 120].map((dx) =>
            seam(`M${360 + dx} ${260 + Math.abs(dx) * 0.4} V${540 - Math.abs(dx) * 0.4}`, 10),
          )
        : []),
      sheen("M196 330 Q240 230 350 222", 12),
    ].join(""),
    18,
  );

export const kettle: Shape = (model) => {
  const swan = model.vary(1, 0, 1) > 0.45;
  return [
    stroke("M300 310 Q300 150 400 150 Q500 150 500 310", IRON, 20),
    swan
      ? stroke("M260 560 Q120 520 150 380 Q160 320 96 300", STEEL, 24)
      : path("M260 420 Q190 400 150 300 L196 286 Q230 360 300 380Z", DEEP),
    path("M270 320 H530 Q620 480 580 600 Q570 642 520 642 H280 Q230 642 220 600 Q180 480 270 320Z", MAIN),
    oval(400, 320, 132, 24, DEEP),
    path("M290 314 Q320 278 400 276 Q480 278 510 314 Q400 340 290 314Z", MAIN),
    oval(400, 268, 24, 18, BRASS),
    sheen("M264 560 Q238 470 290 370", 16),
  ].join("");
};

export const knife: Shape = (model) => {
  const length = model.vary(1, 250, 330);
  return turned(
    [
      path(
        `M${400 - length} 352 Q${420 - length * 0.4} 360 440 352 V${430} Q${400 - length * 0.5} 452 ${400 - length} 352Z`,
        STEEL,
      ),
      sheen(`M${440 - length} 364 Q${420 - length * 0.4} 372 430 366`, 5),
      rect(436, 346, 26, 66, 5, BRASS),
      path("M462 348 Q600 340 680 352 Q716 372 690 412 Q620 396 462 410Z", MAIN),
      ...[510, 570, 630].map((x) => oval(x, 378, 7, 7, BRASS)),
      seam("M470 378 H684", 2),
    ].join(""),
    -28,
  );
};

export const board: Shape = (model) => {
  const long = model.vary(1, 0, 1) > 0.5;
  const cells = Array.from({ length: 6 }, (_, at) => seam(`M${230 + at * 68} 210 V640`, 2)).join("");
  const marks = long
    ? [
        path(
          "M290 200 Q290 160 350 160 H366 Q400 70 434 160 H450 Q510 160 510 200 V620 Q510 650 470 650 H330 Q290 650 290 620Z",
          MAIN,
        ),
        oval(400, 140, 13, 13, "#efe9df"),
        seam("M340 200 Q350 400 340 620"),
        seam("M440 200 Q430 420 446 630"),
        seam("M390 190 Q400 430 392 640"),
      ]
    : [
        rect(186, 200, 428, 450, 30, MAIN),
        cells,
        seam("M186 330 H614", 2),
        seam("M186 480 H614", 2),
        oval(556, 252, 24, 12, "#efe9df"),
      ];
  return turned(marks.join("") + sheen("M220 240 V560", 8), model.vary(2, -9, 9));
};

export const mill: Shape = (model) => {
  const waist = model.vary(1, 34, 52);
  return [
    path(
      `M330 640 Q340 520 ${400 - waist} 450 Q${390 - waist} 400 340 350 H460 Q${410 + waist} 400 ${400 + waist} 450 Q460 520 470 640Z`,
      MAIN,
    ),
    rect(334, 334, 132, 16, 4, STEEL),
    path("M344 334 Q320 250 370 216 H430 Q480 250 456 334Z", MAIN),
    oval(400, 204, 22, 20, BRASS),
    seam("M330 600 H470"),
    sheen("M362 600 Q370 520 384 450", 10),
    sheen("M366 310 Q352 260 380 236", 8),
    ...[0, 1, 2, 3, 4].map((at) => oval(520 + at * 24, 634 - (at % 2) * 8, 8, 7, "#2b2622")),
  ].join("");
};

export const moka: Shape = () =>
  [
    stroke("M540 300 Q640 300 630 420 L610 470", IRON, 26),
    path("M290 430 H510 L556 640 H244Z", MAIN),
    rect(284, 408, 232, 26, 6, STEEL),
    path("M262 240 L290 408 H510 L548 240 L520 220 H280Z", MAIN),
    path("M262 240 L220 222 L280 220Z", STEEL),
    path("M270 224 L400 176 L530 224Z", MAIN),
    oval(400, 168, 20, 18, IRON),
    seam("M350 436 L330 640 M450 436 L470 640 M344 230 L356 406 M456 230 L444 406"),
    sheen("M300 470 L276 610", 12),
  ].join("");

export const press: Shape = () =>
  [
    stroke("M520 300 Q640 300 636 430 Q632 540 520 540", MAIN, 22),
    stroke("M400 120 V260", STEEL, 10),
    oval(400, 116, 26, 22, MAIN),
    path("M276 240 H524 V620 Q524 640 500 640 H300 Q276 640 276 620Z", GLASS),
    path("M284 400 H516 V612 Q516 632 496 632 H304 Q284 632 284 612Z", "#4a2d1c", 'opacity=".88"'),
    rect(280, 380, 240, 16, 4, STEEL),
    path("M264 244 Q280 196 400 190 Q520 196 536 244Z", MAIN),
    rect(264, 240, 272, 18, 5, STEEL),
    rect(264, 610, 272, 32, 8, MAIN),
    mirrored(rect(272, 250, 12, 370, 4, STEEL)),
    sheen("M312 280 V590", 12),
  ].join("");

export const jar: Shape = (model) => {
  const fill = ["#e8d9b8", "#c98f4f", "#6b4a34"];
  const one = (x: number, top: number, width: number, at: number): string =>
    [
      rect(x, top, width, 640 - top, 22, GLASS),
      rect(
        x + 8,
        top + (640 - top) * model.vary(at, 0.25, 0.5),
        width - 16,
        (640 - top) * (1 - model.vary(at, 0.25, 0.5)) - 10,
        16,
        fill[at] ?? "#c98f4f",
      ),
      rect(x + 6, top - 34, width - 12, 40, 12, MAIN),
      sheen(`M${x + 22} ${top + 40} V600`, 9),
    ].join("");
  return (
    one(150, 380, 150, 0) +
    one(316, 280, 170, 1) +
    one(504, 440, 140, 2) +
    seam("M166 364 H284 M332 262 H470 M520 424 H628", 2)
  );
};
