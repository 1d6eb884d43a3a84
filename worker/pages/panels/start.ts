import { byId, setText } from "../dom.ts";

const COPIED_MS = 2000;

/** What to do before the first event: the script tag with the site's own key, and the demo shop. */
export function fillStart(writeKey: string | null, hasDemo: boolean): void {
  const snippet = `<script async src="${location.origin}/t.js" data-key="${writeKey ?? "wk_…"}"></script>`;
  setText(byId("snippet"), snippet);
  byId("snippet-note").hidden = writeKey !== null;
  byId("start-demo").hidden = !hasDemo;
  byId("demo-link").hidden = !hasDemo;
  const button = byId("copy-snippet");
  // Only a secure context has a clipboard; the text can still be selected.
  button.hidden = navigator.clipboard === undefined;
  button.addEventListener("click", async () => {
    const copied = await navigator.clipboard.writeText(snippet).then(
      () => "Copied",
      () => "Not allowed",
    );
    setText(button, copied);
    setTimeout(() => setText(button, "Copy"), COPIED_MS);
  });
}
