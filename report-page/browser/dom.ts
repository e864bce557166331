import Big from "big.js";
import { rounded } from "./format.ts";

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
 * Creates an amount, rounded. The exact one is its title, and what a screen reader reads. The style sheet separates groups
 * of digits, so copied text is a plain number. The whole part and the fraction are separate elements, so that a column can
 * align its decimal points.
 * @param plus the sign of an amount without a minus
 */
export function amount(decimal: string, plus = ""): HTMLElement {
  const shown = rounded(decimal);
  const [, minus = "", whole = "", fraction = ""] = /^(-?)(\d+)(.*)$/.exec(shown) ?? [];
  const groups = whole.match(/\d{1,3}(?=(\d{3})*$)/g) ?? [];
  // A number that is too long for its place breaks between groups.
  const digits = groups.flatMap((group, at) => [...(at > 0 ? [element("wbr")] : []), element("span", {}, group)]);
  const parts = [
    element("span", { class: "whole" }, minus ? "−" : plus, ...digits),
    element("span", { class: "fraction" }, fraction),
  ];
  const exact = `${minus ? "" : plus}${decimal}`;
  if (shown === decimal) return element("span", { class: "amount" }, ...parts);
  return element(
    "span",
    { class: "amount", title: exact },
    element("span", { "aria-hidden": "true" }, ...parts),
    element("span", { class: "visually-hidden" }, exact),
  );
}

/** Creates a change, with its sign; a muted zero if there is none. */
export function change(difference: string): HTMLElement {
  if (!new Big(difference).eq(0)) return amount(difference, "+");
  const unchanged = amount("0");
  unchanged.classList.add("zero");
  return unchanged;
}

/** Creates the text shown where there is no amount, for example `no price`. */
export function absent(reason: string): HTMLElement {
  const text = element("span", { class: "absent" }, reason);
  return element("span", { class: "amount" }, text, element("span", { class: "fraction" }));
}

export function amountOr(reason: string, decimal: string | null | undefined): HTMLElement {
  return decimal == null ? absent(reason) : amount(decimal);
}

/** Creates the patch of colour that stands for an asset. */
export function swatch(colour: string): HTMLElement {
  const patch = element("span", { class: "swatch" });
  patch.style.background = `var(--${colour})`;
  return patch;
}

/** Returns the length of the longest fraction in `host`, including its decimal point. */
export function longestFraction(host: ParentNode): number {
  const fractions = host.querySelectorAll(".fraction");
  return Math.max(0, ...[...fractions].map(({ textContent }) => textContent.length));
}
