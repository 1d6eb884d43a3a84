type Props<Tag extends keyof HTMLElementTagNameMap> = Partial<
  Omit<HTMLElementTagNameMap[Tag], "style" | "dataset" | "children">
> & {
  aria?: Record<string, string>;
  on?: Partial<{ [Type in keyof HTMLElementEventMap]: (event: HTMLElementEventMap[Type]) => void }>;
};

/** `h("td", { className: "number" }, "12")`: an element with its properties and children. Text is never markup. */
export function h<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  { aria = {}, on = {}, ...props }: Props<Tag> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  Object.assign(element, props);
  for (const [name, value] of Object.entries(aria)) element.setAttribute(name, value);
  for (const [type, listener] of Object.entries(on))
    element.addEventListener(type, listener as EventListener);
  element.append(...children);
  return element;
}

/** The element of index.html with this id; a missing one is our own mistake. */
export function byId<Kind extends HTMLElement>(id: string, kind: new () => Kind): Kind {
  const element = document.getElementById(id);
  if (!(element instanceof kind)) throw new Error(`index.html has no ${kind.name} with the id "${id}"`);
  return element;
}
