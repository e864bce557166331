import { byId, element } from "../dom.ts";
import { count } from "../phrases.ts";
import { wholeRange } from "../state/range.ts";
import type { ReportContext, State, Store } from "../state/store.ts";
import { gapsIn, type ViewGap } from "../state/view.ts";

const MAX_ROWS = 100;

/** Lists the slots in the range without a complete snapshot, with the recorded reasons. */
export function gapTable(store: Store, { report, zone }: ReportContext): void {
  const isUtc = report.timezone === "UTC";
  byId("gaps-utc").hidden = isUtc;
  const row = (gap: ViewGap, showAccount: boolean) =>
    element(
      "tr",
      {},
      element("td", { class: "time" }, zone.minute(gap.time)),
      isUtc ? null : element("td", { class: "time" }, `${gap.slot.slice(0, 16)}Z`),
      showAccount ? element("td", { class: "account", title: gap.accountId }, gap.account) : null,
      element("td", {}, gap.reason ?? element("span", { class: "absent" }, "no reason recorded")),
    );
  store.watch(["view", "range"], (state) => {
    const gaps = gapsShown(state);
    const showAccount = state.view.accounts.length > 1;
    byId("gaps-table").hidden = gaps.length === 0;
    byId("gaps-account").hidden = !showAccount;
    byId("gaps-note").textContent = noteText(gaps.length, state, report.scheduled);
    byId("gaps-body").replaceChildren(...gaps.slice(0, MAX_ROWS).map((gap) => row(gap, showAccount)));
  });
}

/** Returns the gaps in the range. The whole range includes gaps before the first step. */
function gapsShown({ view, range }: State): readonly ViewGap[] {
  const whole = wholeRange(view);
  return range.first === whole.first && range.last === whole.last ? view.gaps : gapsIn(view, range);
}

function noteText(gaps: number, { view }: State, scheduled: boolean): string {
  const partial = view.missingAccounts.filter((accounts) => accounts.length > 0).length;
  const verb = partial === 1 ? "is a gap" : "are gaps";
  const inSums =
    partial === 0
      ? ""
      : ` In the whole report, ${count(partial, "interval")} ${verb} because only some accounts have a snapshot there.`;
  if (gaps === 0 && !scheduled)
    return `No schedule is known, so the report cannot say which slots are missing.${inSums}`;
  if (gaps === 0) return `No gaps: every slot in the range has a complete snapshot.${inSums}`;
  const limited = gaps > MAX_ROWS ? `; the first ${MAX_ROWS} are listed` : "";
  return `${count(gaps, "slot")} without a complete snapshot${limited}.${inSums}`;
}
