import type { Plugin } from "vite";
import type { Mutant } from "../../collector/simulation/mutants/mutant.ts";

/** Puts one wrong variant into a bundle, and nowhere else. Throws when its place in the source is gone. */
export function mutation({ name, file, find, replace }: Mutant): Plugin {
  return {
    name: "mutation",
    enforce: "pre",
    transform(code, id) {
      if (!id.endsWith(`/${file}`)) return undefined;
      if (code.split(find).length !== 2)
        throw new Error(`mutant "${name}": ${file} does not have its text exactly once`);
      return { code: code.replace(find, () => replace), map: null };
    },
  };
}
