import { h } from "../element.ts";
import { QUESTIONS, type Question } from "../questions.ts";
import { removeQuery, type SavedQuery, savedQueries, type TextStore } from "../saved-queries.ts";

export interface QuestionLists {
  shipped: HTMLElement;
  saved: HTMLElement;
  savedTitle: HTMLElement;
}

/** The list of questions; picking one of ours runs it, picking a saved one as well: both are the user's choice. */
export function showQuestions(
  lists: QuestionLists,
  store: TextStore,
  onPick: (query: { title: string; sql: string }) => void,
): { refresh(): void; mark(sql: string): void } {
  const buttons = new Map<HTMLButtonElement, string>();
  let marked = "";
  const button = (title: string, sql: string): HTMLButtonElement => {
    const made = h(
      "button",
      { type: "button", className: "question", on: { click: () => onPick({ title, sql }) } },
      title,
    );
    buttons.set(made, sql.trim());
    return made;
  };
  const mark = (sql: string) => {
    marked = sql.trim();
    for (const [element, own] of buttons) {
      if (own === marked) element.setAttribute("aria-current", "true");
      else element.removeAttribute("aria-current");
    }
  };
  const refresh = () => {
    buttons.clear();
    lists.shipped.replaceChildren(
      ...QUESTIONS.map((question: Question) => h("li", {}, button(shortTitle(question), question.sql))),
    );
    const saved = savedQueries(store);
    lists.savedTitle.hidden = saved.length === 0;
    lists.saved.replaceChildren(...saved.map((query) => savedRow(query)));
    mark(marked);
  };
  const savedRow = ({ name, sql }: SavedQuery) =>
    h(
      "li",
      { className: "saved" },
      button(name, sql),
      h(
        "button",
        {
          type: "button",
          className: "remove",
          title: `Remove "${name}"`,
          aria: { "aria-label": `Remove ${name}` },
          on: {
            click: () => {
              removeQuery(store, name);
              refresh();
            },
          },
        },
        "×",
      ),
    );
  refresh();
  return { refresh, mark };
}

/** Up to the colon or the comma after which the title explains itself. */
function shortTitle({ title }: Question): string {
  return title.split(/[:,]/)[0] as string;
}
