/** Modules that a page asks for: `data-tm-use="vitals errors"` on the tag or on any element. */
export function usesOf(document: ParentNode): string[] {
  return [...document.querySelectorAll<HTMLElement>("[data-tm-use]")].flatMap((element) =>
    (element.dataset.tmUse ?? "").split(/\s+/),
  );
}
