import type { Database } from "./database.ts";
import { openDuckDb } from "./duckdb-database.ts";
import { byId } from "./element.ts";
import { readLink, toLink } from "./link.ts";
import { QUESTIONS, type Question } from "./questions.ts";
import { saveQuery } from "./saved-queries.ts";
import { CREATE_TABLES } from "./tables.ts";
import { createEditor } from "./views/editor.ts";
import { createLakePanel } from "./views/lake-panel.ts";
import { createQueryPanel } from "./views/query-panel.ts";
import { showQuestions } from "./views/questions.ts";
import { SCHEMA, schemaView } from "./views/schema.ts";

// Where questions and tables stand above the editor, they start closed.
const narrow = matchMedia("(max-width: 63.99rem)");
for (const id of ["questions", "schema"]) byId(id, HTMLDetailsElement).open = !narrow.matches;

let database = openEngine();
const currentDatabase = () => database;
const lake = createLakePanel(currentDatabase, () => {
  if (asked) queries.run(editor.text());
});
const queries = createQueryPanel(currentDatabase, lake.settled, () => {
  // What was stopped does not start by itself again.
  asked = false;
  database = openEngine();
  lake.reload();
});
const editor = createEditor({
  host: byId("editor", HTMLElement),
  schema: SCHEMA,
  labelledBy: "editor-title",
  onRun: () => ask(),
});
const notice = byId("link-notice", HTMLElement);
const questions = showQuestions(
  {
    shipped: byId("question-list", HTMLElement),
    saved: byId("saved-list", HTMLElement),
    savedTitle: byId("saved-title", HTMLElement),
  },
  localStorage,
  ({ sql }) => {
    editor.setText(sql);
    if (narrow.matches) byId("questions", HTMLDetailsElement).open = false;
    ask();
  },
);
byId("schema-list", HTMLElement).append(...schemaView((text) => editor.insert(text)));

/** The text in the editor was run by choice, so it runs again when other events are loaded. */
let asked = false;

async function openEngine(): Promise<Database> {
  const engine = await openDuckDb();
  await engine.query(CREATE_TABLES);
  return engine;
}

function ask(): void {
  const sql = editor.text();
  asked = true;
  notice.hidden = true;
  questions.mark(sql);
  queries.run(sql);
}

/** SQL of ours runs at once; SQL that came with the address waits for a person who has read it. */
function openLink(): void {
  const linked = readLink(location.hash);
  const question =
    linked && "question" in linked ? QUESTIONS.find(({ id }) => id === linked.question) : undefined;
  const fromOutside = linked && "sql" in linked && !QUESTIONS.some(({ sql }) => sql === linked.sql.trim());
  editor.setText(linked && "sql" in linked ? linked.sql : (question ?? (QUESTIONS[0] as Question)).sql);
  questions.mark(editor.text());
  asked = !fromOutside;
  notice.hidden = asked;
  // Before the first load there is nothing to ask; the load asks when it has ended.
  if (asked && lake.loaded()) ask();
  if (asked) return;
  notice.textContent = "This query came with a link. Read it, then press Run.";
}

byId("run-button", HTMLButtonElement).addEventListener("click", ask);
byId("link-button", HTMLButtonElement).addEventListener("click", () => {
  const hash = toLink(editor.text(), QUESTIONS);
  if (!hash) return queries.say("This query is too long for a link. Copy its text instead.");
  history.replaceState(null, "", hash);
  navigator.clipboard.writeText(location.href).then(
    () => queries.say("Link copied."),
    () => queries.say("The link is in the address bar."),
  );
});
byId("save-form", HTMLFormElement).addEventListener("submit", (event) => {
  event.preventDefault();
  const input = byId("save-input", HTMLInputElement);
  const name = input.value.trim();
  if (!name) {
    queries.say("Give the query a name first.");
    return input.focus();
  }
  const refused = saveQuery(localStorage, { name, sql: editor.text() });
  queries.say(refused ?? `Saved as "${name}" in this browser.`);
  if (!refused) input.value = "";
  questions.refresh();
});
window.addEventListener("hashchange", openLink);
openLink();
