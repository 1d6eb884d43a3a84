/**
 * `npm run deploy` runs it between build and upload: a deploy replaces all files, but pages that are open, and tags with
 * `integrity`, go on asking for those of the builds before. So they are brought from where they are served now.
 *
 *   TIDEMARK_ORIGIN=https://collect.shop.example npm run deploy
 */
import { assetsDir } from "./build/places.ts";
import { keepBuilds } from "./keep/keep-builds.ts";

const origin = process.env.TIDEMARK_ORIGIN;
if (origin) console.log(`kept     ${await keepBuilds(origin, assetsDir)} earlier builds of the tag`);
else console.log("kept     no earlier build of the tag: TIDEMARK_ORIGIN does not say where they are served");
