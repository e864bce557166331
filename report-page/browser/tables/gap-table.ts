import { byId, element } from "../dom.ts";
import { count } from "../phrases.ts";
import { wholeRange } from "../state/range.ts";
import type { ReportFacts, State, Store } from "../state/store.ts";
import type { ViewGap } from "../state/view.ts";

/** How many gaps are listed; of more, the number is said. */
export const LISTED = 100;

/** The slots of the range without a complete snapshot, with the reason that was recorded. */
export function gapTable(store: Store, { zone }: ReportFacts): void {
  const row = (several: boolean) => (gap: ViewGap) =>
    element(
      "tr",
      {},
      element("td", { class: "time" }, zone.instant(gap.time)),
      element("td", { class: "time" }, gap.slot),
      several ? element("td", {}, gap.accountId) : null,
      element("td", {}, gap.reason ?? element("span", { class: "none" }, "no reason recorded")),
    );
  store.watch(["view", "range"], (state) => {
    const gaps = gapsIn(state);
    const several = state.view.accounts > 1;
    byId("gaps-table").hidden = gaps.length === 0;
    byId("gaps-account").hidden = !several;
    byId("gaps-note").textContent = saying(gaps.length, state);
    byId("gaps-body").replaceChildren(...gaps.slice(0, LISTED).map(row(several)));
  });
}

/** The gaps of the range; of the whole one, also those before its first step. */
function gapsIn({ view, range }: State): readonly ViewGap[] {
  const whole = wholeRange(view);
  if (range.from <= whole.from && range.to >= whole.to) return view.gaps;
  return view.gaps.filter(({ time }) => time >= range.from && time <= range.to);
}

function saying(number: number, { view }: State): string {
  const partial = view.missing.filter((accounts) => accounts.length > 0).length;
  const sums =
    partial === 0
      ? ""
      : ` ${count(partial, "step")} of the whole report left as a gap in the sums: not every account has a snapshot there.`;
  if (number === 0) return `None: every slot of the range has a complete snapshot.${sums}`;
  const cut = number > LISTED ? `; the first ${LISTED} are listed` : "";
  return `${count(number, "slot")} without a complete snapshot${cut}.${sums}`;
}
