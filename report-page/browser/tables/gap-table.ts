import { byId, element } from "../dom.ts";
import { count, gapsNote, listNames, NOT_RUN } from "../phrases.ts";
import { type GapGroup, groupGaps } from "../state/gap-groups.ts";
import { wholeRange } from "../state/range.ts";
import type { ReportContext, State, Store } from "../state/store.ts";
import { gapsIn, type ViewGap } from "../state/view.ts";

const MAX_ROWS = 100;

/** Lists the slots in the range without a complete snapshot, with the recorded reasons. */
export function gapTable(store: Store, { report, zone }: ReportContext): void {
  // The offset tells apart the hours that a change of the clocks repeats.
  const offset = (time: number) => (report.timezone === "UTC" ? "" : ` ${zone.instant(time).slice(-6)}`);
  const slotText = ({ time }: ViewGap) => `${zone.minute(time)}${offset(time)}`;
  const row = ({ first, last, slots, accounts, differ }: GapGroup, of: number) =>
    element(
      "tr",
      {},
      element(
        "td",
        { class: "time", title: first === last ? first.slot : `${first.slot} to ${last.slot}` },
        element("span", {}, slotText(first)),
        first === last ? null : " ",
        first === last ? null : element("span", {}, `to ${slotText(last)}`),
      ),
      element("td", {}, count(slots, "slot")),
      of === 1 ? null : element("td", { class: "account", title: accounts.join("\n") }, accountsText(accounts, of)),
      element("td", {}, `${differ ? "for example, " : ""}${first.reason ?? NOT_RUN}`),
    );
  store.watch(["view", "range"], (state) => {
    const gaps = gapsShown(state);
    const groups = groupGaps(gaps);
    const of = state.view.accounts.length;
    byId("gaps-table").hidden = groups.length === 0;
    byId("gaps-account").hidden = of === 1;
    byId("gaps-note").textContent = gapsNote(gaps, groups.length > MAX_ROWS ? MAX_ROWS : undefined, state);
    byId("gaps-body").replaceChildren(...groups.slice(0, MAX_ROWS).map((group) => row(group, of)));
  });
}

function accountsText(accounts: readonly string[], of: number): string {
  if (accounts.length === 1) return accounts[0] ?? "";
  return accounts.length === of ? `all ${of} accounts` : `${accounts.length} of ${of}: ${listNames(accounts)}`;
}

/** Returns the gaps in the range. The whole range includes gaps before the first step. */
function gapsShown({ view, range }: State): readonly ViewGap[] {
  const whole = wholeRange(view);
  return range.first === whole.first && range.last === whole.last ? view.gaps : gapsIn(view, range);
}
