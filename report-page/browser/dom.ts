type Child = Node | string | null | undefined;

/** An element with its attributes and children. Texts become text nodes: no name of an asset is ever read as HTML. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Readonly<Record<string, string>> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

/** The element of the page's skeleton with that id. */
export function byId<Kind extends HTMLElement = HTMLElement>(id: string): Kind {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`The page has no element ${id}.`);
  return found as Kind;
}

/**
 * An amount as it was given. The digits before the point stand in groups, by spacing alone: the text, and what is
 * copied, is the very string. The two parts are apart so that a column can align its points.
 */
export function amount(decimal: string, sign: "always" | "minus" = "minus"): HTMLElement {
  const [, minus = "", whole = "", fraction = ""] = /^(-?)(\d+)(.*)$/.exec(decimal) ?? [];
  const plus = sign === "always" && minus === "" && /[1-9]/.test(decimal) ? "+" : "";
  const head = whole.length % 3;
  const groups = [whole.slice(0, head), ...(whole.slice(head).match(/\d{3}/g) ?? [])].filter((group) => group !== "");
  return element(
    "span",
    { class: "amount" },
    element("span", { class: "whole" }, plus, minus, ...groups.map((group) => element("span", {}, group))),
    element("span", { class: "fraction" }, fraction),
  );
}

/** Says in the place of an amount why there is none. */
export function none(why: string): HTMLElement {
  return element(
    "span",
    { class: "amount" },
    element("span", { class: "none" }, why),
    element("span", { class: "fraction" }),
  );
}
