import { element, longestFraction } from "../dom.ts";

/** Shows facts and, below them, a table of amounts whose decimal points align. */
export function showLegend(host: HTMLElement, facts: HTMLElement, caption: string, rows: (HTMLElement | null)[]): void {
  const title = element("caption", { class: "visually-hidden" }, caption);
  host.replaceChildren(facts, element("table", { class: "legend" }, title, element("tbody", {}, ...rows)));
  host.style.setProperty("--fraction", String(longestFraction(host)));
}

export function legendRow(label: string, value: HTMLElement, swatch?: HTMLElement): HTMLTableRowElement {
  const heading = element("th", { scope: "row" }, swatch, element("span", { class: "label" }, label));
  return element("tr", {}, heading, element("td", {}, value));
}
