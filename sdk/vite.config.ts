import type { InlineConfig, Plugin, UserConfigFnPromise } from "vite";
import { bundle, smaller } from "./build/bundle.ts";
import { buildParts, folderName, hashLetters, integrityOf } from "./build/parts.ts";

/** Where the name of the parts' folder will stand. */
const FOLDER = "FOLDER";

/** The parts come first: t.js knows the folder they are in, which is named by what is in it. */
const config: UserConfigFnPromise = async (): Promise<InlineConfig> => {
  const parts = await buildParts();
  return {
    ...bundle("snippet.ts", "iife", "t.js"),
    define: { PARTS_FOLDER: JSON.stringify(FOLDER) },
    plugins: [files(parts)],
  };
};
export default config;

/** `t.js` once more under a name that no other build has, the parts, and a list of it all with hashes. */
function files(parts: ReadonlyMap<string, string>): Plugin {
  return {
    name: "files",
    async generateBundle(_options, output) {
      const tag = output["t.js"];
      if (tag?.type !== "chunk") throw new Error("no t.js");
      const code = await smaller(tag.code);
      const tagWith = (name: string): string => code.replace(FOLDER, name);
      const folder = folderName(parts, tagWith);
      tag.code = tagWith(folder);
      const emit = (fileName: string, source: string): unknown =>
        this.emitFile({ type: "asset", fileName, source });
      const pinned = `t.${hashLetters(tag.code)}.js`;
      const integrity: Record<string, string> = { [pinned]: integrityOf(tag.code) };
      emit(pinned, tag.code);
      for (const [name, code] of parts) {
        emit(`t/${folder}/${name}`, code);
        integrity[`t/${folder}/${name}`] = integrityOf(code);
      }
      // Named in the settings of a shop, once and by hand.
      emit("t/shopify-pixel.js", parts.get("shopify-pixel.js") as string);
      emit("t/builds.json", `${JSON.stringify([{ tag: pinned, integrity }], null, 2)}\n`);
    },
  };
}
