import {
  DEEP,
  GLASS,
  IRON,
  MAIN,
  oval,
  PALE,
  path,
  rect,
  type Shape,
  STEEL,
  sheen,
  stroke,
  turned,
  WEAVE,
  woven,
} from "./draw.ts";

export const plate: Shape = (model) => {
  const squash = model.vary(1, 0.94, 1);
  const inner = model.vary(2, 0.56, 0.72);
  return [
    oval(408, 424, 272, 272 * squash, "#1b1713", 'opacity=".16"'),
    oval(400, 400, 272, 272 * squash, MAIN),
    oval(400, 400, 272, 272 * squash, WEAVE),
    oval(400, 400, 262, 262 * squash, "none", 'stroke="#fff" stroke-opacity=".35" stroke-width="6"'),
    oval(400, 404, 272 * inner, 272 * inner * squash, DEEP, 'opacity=".5"'),
    oval(400, 400, 272 * inner - 6, (272 * inner - 6) * squash, PALE),
    oval(400, 400, 272 * inner - 6, (272 * inner - 6) * squash, WEAVE),
    sheen("M210 320 Q250 210 370 180", 12),
  ].join("");
};

export const bowl: Shape = (model) => {
  const depth = model.vary(1, 520, 620);
  return [
    rect(330, depth - 6, 140, 34, 8, DEEP),
    woven(`M166 370 Q180 ${depth} 330 ${depth + 6} H470 Q620 ${depth} 634 370Z`, MAIN),
    oval(400, 370, 234, 64, PALE),
    oval(400, 380, 212, 50, DEEP, 'opacity=".75"'),
    sheen(`M214 430 Q236 ${depth - 60} 320 ${depth - 26}`, 14),
  ].join("");
};

export const mug: Shape = (model) => {
  const width = model.vary(1, 120, 150);
  const top = model.vary(2, 300, 370);
  const left = 380 - width;
  const right = 380 + width;
  return [
    stroke(
      `M${right - 6} ${top + 60} Q${right + 110} ${top + 50} ${right + 100} ${(top + 640) / 2} Q${right + 80} 590 ${right - 10} 570`,
      MAIN,
      30,
    ),
    woven(
      `M${left} ${top} L${left + 10} 600 Q${left + 14} 640 ${left + 56} 640 H${right - 56} Q${right - 14} 640 ${right - 10} 600 L${right} ${top}Z`,
      MAIN,
    ),
    path(
      `M${left + 9} 560 L${left + 10} 600 Q${left + 14} 640 ${left + 56} 640 H${right - 56} Q${right - 14} 640 ${right - 10} 600 L${right - 9} 560 Q380 590 ${left + 9} 560Z`,
      "#efe4cf",
      'opacity=".35"',
    ),
    oval(380, top, width, 30, PALE),
    oval(380, top + 5, width - 14, 22, "#3b2417"),
    sheen(`M${left + 36} ${top + 60} L${left + 42} 560`, 14),
    stroke(
      `M340 ${top - 40} Q320 ${top - 80} 344 ${top - 120} M400 ${top - 40} Q380 ${top - 90} 404 ${top - 140}`,
      "#fff",
      8,
      'opacity=".4"',
    ),
  ].join("");
};

export const glass: Shape = (model) => {
  const top = model.vary(1, 260, 400);
  const one = (x: number, shift: number): string =>
    [
      path(
        `M${x - 86} ${top + shift} L${x - 70} 620 Q${x} 648 ${x + 70} 620 L${x + 86} ${top + shift}Z`,
        GLASS,
      ),
      path(
        `M${x - 80} ${top + shift + 90} L${x - 68} 612 Q${x} 636 ${x + 68} 612 L${x + 80} ${top + shift + 90} Q${x} ${top + shift + 116} ${x - 80} ${top + shift + 90}Z`,
        MAIN,
        'opacity=".6"',
      ),
      oval(x, top + shift, 86, 18, "#fff", 'opacity=".5"'),
      sheen(`M${x - 56} ${top + shift + 50} L${x - 46} 590`, 9),
    ].join("");
  return one(520, -20) + one(300, 10);
};

export const wineglass: Shape = (model) => {
  const wide = model.vary(1, 84, 120);
  const deep = model.vary(2, 330, 420);
  const one = (x: number, wine: string): string =>
    [
      oval(x, 640, 76, 14, GLASS),
      stroke(`M${x} ${deep} V636`, "#dfe8ea", 9),
      path(
        `M${x - wide + 16} 190 Q${x - wide - 10} ${deep} ${x} ${deep + 4} Q${x + wide + 10} ${deep} ${x + wide - 16} 190Z`,
        GLASS,
      ),
      path(
        `M${x - wide + 6} 270 Q${x - wide} ${deep - 8} ${x} ${deep - 4} Q${x + wide} ${deep - 8} ${x + wide - 6} 270Z`,
        wine,
        'opacity=".75"',
      ),
      oval(x, 190, wide - 16, 14, "#fff", 'opacity=".55"'),
      sheen(`M${x - wide + 30} 220 Q${x - wide + 20} 300 ${x - 40} ${deep - 30}`, 7),
    ].join("");
  return one(526, MAIN) + one(288, "#7a2335");
};

export const carafe: Shape = (model) => {
  const belly = model.vary(1, 130, 190);
  const jug = model.vary(2, 0, 1) > 0.5;
  return [
    jug ? stroke("M470 260 Q640 270 600 480", MAIN, 26) : "",
    woven(
      `M352 150 L360 300 Q${390 - belly * 1.2} 420 ${400 - belly} 580 Q${404 - belly} 640 ${460 - belly} 640 H${340 + belly} Q${396 + belly} 640 ${400 + belly} 580 Q${410 + belly * 1.2} 420 440 300 L448 150Z`,
      jug ? MAIN : GLASS,
    ),
    jug
      ? ""
      : path(
          `M${404 - belly} 520 Q${400 - belly} 632 ${462 - belly} 632 H${338 + belly} Q${400 + belly} 632 ${396 + belly} 520 Q400 550 ${404 - belly} 520Z`,
          MAIN,
          'opacity=".7"',
        ),
    oval(400, 150, 48, 12, jug ? DEEP : "#ffffff"),
    sheen(`M${430 - belly} 570 Q${420 - belly} 460 376 340`, 12),
  ].join("");
};

export const cutlery: Shape = () => {
  const handle = (x: number): string =>
    path(
      `M${x - 9} 400 Q${x - 18} 560 ${x - 14} 640 Q${x} 668 ${x + 14} 640 Q${x + 18} 560 ${x + 9} 400Z`,
      MAIN,
    );
  return turned(
    [
      path(
        "M196 130 V260 Q196 310 240 316 V420 H264 V316 Q308 310 308 260 V130 H290 V250 H276 V130 H228 V250 H214 V130Z",
        STEEL,
      ),
      rect(246, 130, 12, 130, 5, STEEL),
      handle(252),
      oval(400, 220, 58, 92, STEEL),
      oval(400, 214, 42, 72, IRON, 'opacity=".25"'),
      rect(390, 300, 20, 120, 6, STEEL),
      handle(400),
      path("M536 420 V130 Q590 170 584 330 Q582 360 562 364 V420Z", STEEL),
      handle(550),
      sheen("M380 170 Q372 210 380 260", 6),
    ].join(""),
    14,
  );
};
