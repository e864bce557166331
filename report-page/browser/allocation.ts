import { amount, byId, element, longestFraction, swatch } from "./dom.ts";
import { count, otherAssets } from "./phrases.ts";
import { OWN_LAYERS } from "./plots/layers.ts";
import { allocationOf, type Slice } from "./state/allocation.ts";
import type { ReportContext, Store } from "./state/store.ts";

/** Shows how the total at the end of the report is spread over assets: as a bar, and as a list with shares. */
export function allocation(store: Store, { colourOf, denomination }: ReportContext): void {
  const colour = ({ symbols: [symbol = "", ...others] }: Slice) => (others.length > 0 ? "other" : colourOf(symbol));
  const segment = (slice: Slice, total: number) => {
    const part = element("span", { title: `${label(slice)} ${slice.share ?? ""}` });
    // Only the width is a float. Where the factors add up to less than 1, they would leave a part of the bar empty.
    part.style.flexGrow = String((Number(slice.value) / total) * 1e4);
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
    const { slices, unpriced } = allocationOf(view.accounts, OWN_LAYERS);
    const hasShares = slices.some(({ share }) => share !== null);
    byId("allocation").hidden = slices.length + unpriced.length === 0;
    const total = slices.reduce((whole, { value }) => whole + Number(value), 0);
    byId("allocation-bar").replaceChildren(...(hasShares ? slices.map((slice) => segment(slice, total)) : []));
    const list = byId("allocation-list");
    list.replaceChildren(...slices.map(entry));
    list.style.setProperty("--fraction", String(longestFraction(list)));
    byId("allocation-note").textContent = noteText(slices, unpriced, denomination);
  });
}

function label({ symbols }: Slice): string {
  return symbols.length === 1 ? (symbols[0] ?? "") : otherAssets(symbols.length);
}

function noteText(slices: readonly Slice[], unpriced: readonly string[], denomination: string): string {
  // A sum in "other" can hide the negative value.
  const lacksShares = slices.some(({ share, value }) => share === null && Number(value) !== 0);
  const negative = lacksShares ? "A value is negative, so there are no shares. " : "";
  if (unpriced.length === 0) return negative;
  return `${negative}${count(unpriced.length, "asset")} without a price in ${denomination}: ${unpriced.join(", ")}.`;
}
