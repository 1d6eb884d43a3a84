import {
  BRASS,
  DEEP,
  FLAT,
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
  stitches,
  stroke,
  turned,
  woven,
} from "./draw.ts";

export const jacket: Shape = (model) => {
  const quilted = model.vary(1, 0, 1) > 0.6;
  return [
    mirrored(woven("M296 190 Q220 210 196 290 L140 560 Q170 590 216 584 L280 360Z", DEEP)),
    woven("M290 180 Q400 140 510 180 L560 300 Q548 480 566 650 Q400 674 234 650 Q252 480 240 300Z", MAIN),
    quilted
      ? [280, 360, 440, 520, 600].map((y) => seam(`M242 ${y} Q400 ${y + 18} 558 ${y}`, 4)).join("")
      : "",
    path("M310 186 Q300 96 400 92 Q500 96 490 186 Q400 250 310 186Z", DEEP),
    path("M336 180 Q340 126 400 124 Q460 126 464 180 Q400 220 336 180Z", "#1f1c1a", 'opacity=".55"'),
    seam("M400 214 V660", 7),
    rect(392, 220, 16, 34, 6, BRASS),
    quilted
      ? ""
      : mirrored(path("M270 470 L352 456 V560 L268 566Z", FLAT)) + mirrored(seam("M270 472 L350 458", 4)),
    mirrored(seam("M288 210 Q262 320 262 420", 3)),
    sheen("M290 260 Q276 360 282 440", 12),
  ].join("");
};

export const sweater: Shape = (model) => {
  const yoke = model.vary(1, 0, 1) > 0.55;
  return [
    mirrored(woven("M300 210 Q226 226 200 300 L142 570 Q176 602 222 594 L282 380Z", MAIN)),
    woven("M298 204 Q400 250 502 204 L556 290 Q542 470 552 630 H248 Q258 470 244 290Z", MAIN),
    yoke
      ? [0, 1, 2, 3, 4, 5, 6, 7]
          .map((at) =>
            path(
              `M${272 + at * 36} ${300 - Math.abs(at - 3.5) * 4} l14 18 l-14 18 l-14 -18Z`,
              "#efe4cf",
              'opacity=".85"',
            ),
          )
          .join("")
      : [330, 400, 470]
          .map((x) =>
            stroke(
              `M${x} 270 q14 24 0 48 q-14 24 0 48 q14 24 0 48 q-14 24 0 48 q14 24 0 48 q-14 24 0 48`,
              "#fff",
              6,
              'opacity=".22"',
            ),
          )
          .join(""),
    path("M320 204 Q330 170 400 168 Q470 170 480 204 Q400 256 320 204Z", DEEP),
    path("M344 198 Q360 184 400 184 Q440 184 456 198 Q400 226 344 198Z", "#1f1c1a", 'opacity=".5"'),
    path("M248 600 H552 V650 Q400 664 248 650Z", DEEP),
    mirrored(path("M136 560 L224 586 L212 628 Q160 622 128 600Z", DEEP)),
    ...Array.from({ length: 18 }, (_, at) => seam(`M${258 + at * 17} 604 V650`, 2)),
  ].join("");
};

export const beanie: Shape = (model) => {
  const bobble = model.vary(1, 0, 1) > 0.6;
  return [
    bobble
      ? oval(400, 180, 70, 66, PALE) +
        stroke(
          "M400 126 V150 M350 160 L372 170 M450 160 L428 170 M356 212 L380 204 M444 212 L420 204",
          "#fff",
          5,
          'opacity=".6"',
        )
      : "",
    woven("M210 480 Q200 220 400 216 Q600 220 590 480Z", MAIN),
    ...[-150, -100, -50, 0, 50, 100, 150].map((dx) =>
      seam(`M${400 + dx * 1.1} 470 Q${400 + dx} 300 ${400 + dx * 0.2} 224`, 3),
    ),
    woven("M190 450 Q400 418 610 450 L604 580 Q400 610 196 580Z"),
    ...Array.from({ length: 22 }, (_, at) =>
      seam(
        `M${208 + at * 18.4} ${452 - Math.sin((at / 21) * Math.PI) * 14} V${576 + Math.sin((at / 21) * Math.PI) * 18}`,
        3,
      ),
    ),
    rect(520, 490, 52, 60, 4, LINEN),
    sheen("M260 400 Q270 300 340 256", 12),
  ].join("");
};

export const socks: Shape = () => {
  const one = [
    woven(
      "M300 150 H410 V440 Q420 500 480 530 Q560 560 550 620 Q540 654 480 650 Q380 650 330 590 Q296 550 300 480Z",
      MAIN,
    ),
    path("M300 150 H410 V214 H300Z", DEEP),
    path("M300 480 Q300 430 350 470 Q380 520 330 590 Q296 550 300 480Z", DEEP),
    path("M490 534 Q560 560 550 620 Q540 654 484 650 Q470 590 490 534Z", DEEP),
    [250, 280, 310].map((y) => rect(300, y, 110, 12, 0, PALE)).join(""),
    seam("M318 154 V210 M336 154 V210 M354 154 V210 M372 154 V210 M390 154 V210"),
  ].join("");
  return `<g transform="translate(-90 -20)">${one}</g><g transform="translate(60 10)">${one}</g>`;
};

export const gloves: Shape = () => {
  const one = [
    woven(
      "M300 620 L292 420 Q230 380 216 320 Q214 292 244 296 Q272 316 296 350 V210 Q298 184 318 184 Q338 186 340 210 V320 V180 Q344 156 362 156 Q382 158 384 182 V320 V194 Q388 170 406 172 Q424 176 424 200 V340 V240 Q430 220 446 222 Q464 226 464 250 V440 L448 620Z",
      MAIN,
    ),
    path("M298 560 H452 L448 650 H302Z", DEEP),
    seam("M340 330 V400 M384 330 V400 M424 350 V410", 3),
    stitches("M304 574 H446"),
  ].join("");
  return (
    turned(`<g transform="translate(-110 20)">${one}</g>`, -8) +
    turned(`<g transform="matrix(-1 0 0 1 900 20)">${one}</g>`, 10)
  );
};

export const boots: Shape = (model) => {
  const tall = model.vary(1, 170, 280);
  const laced = model.vary(2, 0, 1) > 0.35;
  const one = [
    path(`M280 ${tall} H430 L436 430 Q560 460 590 530 V600 H276Z`, MAIN),
    path("M436 430 Q560 460 590 530 V600 H470 Q490 500 400 470Z", DEEP),
    path(`M276 ${tall - 14} H434 V${tall + 26} H276Z`, LINEN),
    path("M264 596 H604 Q612 640 590 644 H280 Q262 640 264 596Z", IRON),
    seam("M300 644 V626 M340 644 V626 M380 644 V626 M500 644 V626 M540 644 V626", 5),
    laced
      ? [0, 1, 2, 3]
          .map((at) => stroke(`M400 ${tall + 70 + at * 44} L440 ${tall + 56 + at * 44}`, "#efe4cf", 8))
          .join("")
      : path(`M320 ${tall + 30} H380 L392 420 H330Z`, IRON, 'opacity=".6"'),
    stitches(`M296 ${tall + 60} L300 580`),
    sheen(`M310 ${tall + 60} V520`, 12),
  ].join("");
  return `<g transform="translate(110 -30)" opacity=".96">${one}</g><g transform="translate(-70 10)">${one}</g>`;
};

export const scarf: Shape = () => {
  const fringe = (x: number, y: number): string =>
    Array.from({ length: 9 }, (_, at) => stroke(`M${x + at * 14} ${y} v40`, MAIN, 5)).join("");
  return [
    fringe(258, 610),
    fringe(432, 560),
    woven("M430 330 H550 L548 566 H428Z"),
    woven("M250 320 H376 L380 616 H252Z", MAIN),
    woven(
      "M220 240 Q250 160 400 160 Q550 160 580 240 Q600 330 520 370 Q400 410 280 370 Q200 330 220 240Z",
      MAIN,
    ),
    path(
      "M290 236 Q330 204 400 204 Q470 204 510 236 Q470 286 400 288 Q330 286 290 236Z",
      "#1f1c1a",
      'opacity=".35"',
    ),
    seam("M240 290 Q320 350 420 344 Q500 340 566 290", 4),
    sheen("M250 230 Q290 184 380 178", 10),
  ].join("");
};
