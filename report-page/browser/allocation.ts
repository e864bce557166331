import { amount, byId, element, longestFraction, swatch } from "./dom.ts";
import { count, otherAssets } from "./phrases.ts";
import { allocationOf, type Slice } from "./state/allocation.ts";
import type { ReportContext, Store } from "./state/store.ts";

/** The assets that the allocation lists. The others are one entry. */
const MAX_LISTED = 11;

/** Shows how the total at the end of the report is spread over assets: as a bar, and as a list with shares. */
export function allocation(store: Store, { colourOf, denomination }: ReportContext): void {
  const colour = ({ symbols: [symbol = "", ...others] }: Slice) => (others.length > 0 ? "other" : colourOf(symbol));
  const segment = (slice: Slice) => {
    const part = element("span", { title: `${label(slice)} ${slice.share ?? ""}` });
    // Only the width is a float.
    part.style.flexGrow = slice.value;
    part.style.background = `var(--${colour(slice)})`;
    return part;
  };
  const entry = (slice: Slice) =>
    element(
      "li",
      {},
      swatch(colour(slice)),
      element("span", { class: "symbol" }, label(slice)),
      element("span", { class: "share" }, slice.share ?? "–"),
      amount(slice.value),
    );
  store.watch(["view"], ({ view }) => {
    const { slices, unpriced } = allocationOf(view.accounts, MAX_LISTED);
    const hasShares = slices.some(({ share }) => share !== null);
    byId("allocation").hidden = slices.length + unpriced.length === 0;
    byId("allocation-bar").replaceChildren(...(hasShares ? slices.map(segment) : []));
    const list = byId("allocation-list");
    list.replaceChildren(...slices.map(entry));
    list.style.setProperty("--fraction", String(longestFraction(list)));
    byId("allocation-note").textContent = noteText(unpriced, denomination);
  });
}

function label({ symbols }: Slice): string {
  return symbols.length === 1 ? (symbols[0] ?? "") : otherAssets(symbols.length);
}

function noteText(unpriced: readonly string[], denomination: string): string {
  if (unpriced.length === 0) return "";
  return `${count(unpriced.length, "asset")} without a price in ${denomination}: ${unpriced.join(", ")}.`;
}
