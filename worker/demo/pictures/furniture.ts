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
  stroke,
  WEAVE,
  woven,
} from "./draw.ts";

export const chair: Shape = (model) => {
  const slats = Math.round(model.vary(1, 3, 7));
  const back = model.vary(2, 150, 190);
  const spindles = Array.from({ length: slats }, (_, at) => {
    const x = 310 + (180 / (slats - 1)) * at;
    return stroke(`M${x} 200 L${(x - 400) * 0.92 + 400} 424`, DEEP, 9);
  });
  return [
    mirrored(stroke("M300 440 L276 650", DEEP, 17)),
    spindles.join(""),
    mirrored(stroke(`M284 ${back + 30} L300 430`, MAIN, 17)),
    path(
      `M268 ${back} Q400 ${back - 44} 532 ${back} L526 ${back + 50} Q400 ${back + 12} 274 ${back + 50}Z`,
      MAIN,
    ),
    path("M274 420 Q400 396 526 420 L560 470 Q400 500 240 470Z", FLAT),
    path("M240 470 Q400 500 560 470 V486 Q400 516 240 486Z", DEEP),
    mirrored(stroke("M262 486 L240 690", MAIN, 19)),
    mirrored(stroke("M250 590 H400", DEEP, 10)),
    sheen("M300 440 Q400 422 500 440", 8),
  ].join("");
};

export const armchair: Shape = (model) => {
  const round = model.vary(1, 60, 120);
  return [
    mirrored(path("M264 610 L250 690 H272 L290 610Z", "#4b3627")),
    woven(`M230 500 V${260 + round / 2} Q230 180 330 176 H470 Q570 180 570 ${260 + round / 2} V500Z`),
    seam("M270 440 Q262 240 340 216 H460 Q538 240 530 440", 3),
    woven("M256 440 H544 Q560 470 544 520 H256 Q240 470 256 440Z", PALE),
    mirrored(woven("M170 400 Q170 350 222 350 Q274 350 274 410 V620 H190 Q170 620 170 590Z", MAIN)),
    woven("M250 516 H550 V624 H250Z", DEEP),
    sheen("M280 460 H520", 8),
  ].join("");
};

export const stool: Shape = (model) => {
  const top = model.vary(1, 260, 380);
  return [
    stroke(`M400 ${top} L400 ${650}`, DEEP, 17),
    mirrored(stroke(`M330 ${top} L262 680`, MAIN, 20)),
    stroke(`M${300} 560 H500`, BRASS, 9),
    oval(400, top + 16, 170, 40, DEEP),
    oval(400, top, 170, 40, FLAT),
    oval(400, top - 3, 128, 24, PALE, 'opacity=".4"'),
  ].join("");
};

export const table: Shape = (model) => {
  const top = model.vary(1, 330, 430);
  return [
    mirrored(stroke(`M250 ${top + 20} L236 620`, DEEP, 18)),
    path(`M190 ${top} L610 ${top} L700 ${top + 66} H100Z`, FLAT),
    ...[0.25, 0.5, 0.75].map((at) => seam(`M${190 + 420 * at} ${top} L${100 + 600 * at} ${top + 66}`, 2)),
    path(`M100 ${top + 66} H700 V${top + 92} H100Z`, MAIN),
    mirrored(path(`M128 ${top + 92} H166 L150 680 H130Z`, MAIN)),
    model.vary(2, 0, 1) > 0.5
      ? rect(300, top + 92, 200, 40, 4, DEEP) + oval(400, top + 112, 10, 10, BRASS)
      : "",
    sheen(`M230 ${top + 22} H520`, 7),
  ].join("");
};

export const shelf: Shape = (model) => {
  const rows = Math.round(model.vary(1, 3, 4));
  const books = ["#a04f2f", "#2f7172", "#d19a35", "#e9e5dc", "#2a3a5c", "#8fa083", "#643f57"];
  const gap = 460 / rows;
  const parts: string[] = [mirrored(rect(226, 140, 20, 530, 4, MAIN))];
  for (let row = 0; row <= rows; row++) {
    const y = 170 + gap * row;
    if (row < rows) {
      let x = 262 + model.vary(row + 9, 0, 60);
      for (let at = 0; at < 7 && x < 500; at++) {
        const width = model.vary(row * 11 + at, 16, 34);
        const height = model.vary(row * 7 + at + 40, gap * 0.5, gap * 0.8);
        const cover = books[Math.floor(model.vary(row * 5 + at + 80, 0, books.length))] ?? "#a04f2f";
        parts.push(rect(x, y + gap - height, width, height, 2, cover));
        x += width + 2;
      }
    }
    parts.push(rect(214, y, 372, 16, 3, FLAT), rect(214, y + 14, 372, 6, 2, DEEP));
  }
  return parts.join("");
};

export const bench: Shape = (model) => {
  const back = model.vary(1, 0, 1) > 0.6;
  return [
    back
      ? [0, 1, 2].map((at) => rect(140, 270 + at * 48, 520, 30, 8, MAIN)).join("") +
        mirrored(stroke("M170 260 V470", DEEP, 18))
      : "",
    mirrored(path("M150 470 H200 L190 680 H150Z", DEEP)),
    path("M130 420 H670 L716 470 H84Z", FLAT),
    seam("M115 438 H686", 3),
    seam("M100 454 H700", 3),
    path("M84 470 H716 V498 H84Z", MAIN),
    mirrored(path("M112 498 H154 L146 690 H116Z", MAIN)),
    rect(140, 590, 520, 16, 6, DEEP),
    sheen("M180 430 H560", 6),
  ].join("");
};

export const sideboard: Shape = (model) => {
  const slats = Array.from({ length: 35 }, (_, at) => seam(`M${130 + at * 16} 366 V556`, 2)).join("");
  return [
    mirrored(path("M160 580 H190 L180 680 H164Z", DEEP)),
    path("M130 310 H670 L700 344 H100Z", PALE),
    rect(100, 344, 600, 240, 8, MAIN),
    model.vary(1, 0, 1) > 0.4
      ? slats
      : seam("M400 356 V570", 4) + seam("M250 356 V570", 4) + seam("M550 356 V570", 4),
    path("M100 344 H700 V360 H100Z", WEAVE),
    mirrored(oval(372, 464, 9, 9, BRASS)),
    rect(180, 230, 80, 84, 10, IRON),
    stroke("M220 230 Q200 150 160 130 M220 230 Q226 140 250 110 M220 230 Q250 170 300 160", "#5d6b43", 7),
    rect(470, 288, 130, 14, 3, "#a04f2f"),
    rect(480, 302, 126, 14, 3, "#e9e5dc"),
  ].join("");
};
