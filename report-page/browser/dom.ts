type Child = Node | string | null | undefined;

/** Creates an element. Strings become text nodes, so names in a report are never parsed as HTML. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Readonly<Record<string, string>> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  const created = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) created.setAttribute(name, value);
  created.append(...children.filter((child) => child !== null && child !== undefined));
  return created;
}

/** Returns the element of the static HTML with an id. */
export function byId<Kind extends HTMLElement = HTMLElement>(id: string): Kind {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`The page has no element with the id "${id}".`);
  return found as Kind;
}

/**
 * Creates an amount. Digit groups are separated by CSS only, so copied text is the exact string. The whole part and the
 * fraction are separate elements, so that a column can align its decimal points.
 * @param plus the sign of an amount without a minus
 */
export function amount(decimal: string, plus = ""): HTMLElement {
  const [, minus = "", whole = "", fraction = ""] = /^(-?)(\d+)(.*)$/.exec(decimal) ?? [];
  const groups = whole.match(/\d{1,3}(?=(\d{3})*$)/g) ?? [];
  const digits = groups.map((group) => element("span", {}, group));
  const wholePart = element("span", { class: "whole" }, minus || plus, ...digits);
  return element("span", { class: "amount" }, wholePart, element("span", { class: "fraction" }, fraction));
}

/** Creates the text shown where there is no amount, for example `no price`. */
export function absent(reason: string): HTMLElement {
  const text = element("span", { class: "absent" }, reason);
  return element("span", { class: "amount" }, text, element("span", { class: "fraction" }));
}

export function amountOr(reason: string, decimal: string | null | undefined): HTMLElement {
  return decimal == null ? absent(reason) : amount(decimal);
}

/** Returns the length of the longest fraction in `host`, including its decimal point. */
export function longestFraction(host: ParentNode): number {
  const fractions = host.querySelectorAll(".fraction");
  return Math.max(0, ...[...fractions].map(({ textContent }) => textContent.length));
}
