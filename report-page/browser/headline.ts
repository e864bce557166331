import type { ReportClose } from "../data/report-data.ts";
import { absent, amount, byId, change, element } from "./dom.ts";
import { count } from "./phrases.ts";
import { type Headline, type HeadlineChange, headlineOf } from "./state/headline.ts";
import type { ReportContext, Store } from "./state/store.ts";
import type { View } from "./state/view.ts";

/** Shows which snapshots the total at the end of the report is from, the total, and its changes. */
export function headline(store: Store, context: ReportContext): void {
  store.watch(["view"], ({ view }) => {
    const shown = headlineOf(view.accounts, context.report.closes);
    byId("provenance").textContent = provenance(view, shown, context);
    byId("total").replaceChildren(
      shown.total === null ? absent("–") : amount(shown.total),
      element("span", { class: "unit" }, context.denomination),
    );
    byId("total-note").textContent = totalNote(view, shown);
    byId("changes").replaceChildren(...shown.changes.map((one) => changeItem(one, context)));
  });
}

/** Returns which snapshots the total is from, and when the page was generated. */
function provenance(view: View, { active, without, slots }: Headline, { report, zone }: ReportContext): string {
  const [zoneName, zoneNote] = report.timezone === "UTC" ? [" UTC", ""] : ["", ` Times in ${report.timezone}.`];
  const [first, last] = [slots[0], slots.at(-1)].map((slot) => (slot ? zone.minute(Date.parse(slot)) : undefined));
  const generated = `Generated ${zone.minute(Date.parse(report.generatedAt))}${zoneName}.${zoneNote}`;
  const end = `${zone.minute(Date.parse(report.end))}${zoneName}`;
  if (active.length === 0) return `Not active at ${end}. ${generated}`;
  if (first === undefined) return `No snapshot shows what was held at ${end}. ${generated}`;
  const times = `${first === last ? first : `${first} to ${last}`}${zoneName}`;
  if (view.accounts.length === 1) return `Snapshot of ${times}. ${generated}`;
  const complete = `complete for ${active.length - without.length} of ${count(active.length, "account")}`;
  return `Snapshots of ${times}, ${complete}. ${generated}`;
}

/** Returns what the total comprises, if it is not everything. */
function totalNote({ accounts }: View, { active, without, covers, of }: Headline): string {
  const found = active.length - without.length;
  const partly = without.length > 0 && found > 0 ? `${found} of ${count(active.length, "account")}; ` : "";
  if (found === 0) return active.length === 0 ? "not active" : "no snapshot";
  return `${partly}covers ${covers} of ${count(of, accounts.length > 1 ? "balance" : "asset")}`;
}

function changeItem({ change: difference, percent, note, day, period }: HeadlineChange, context: ReportContext) {
  return element(
    "div",
    {},
    element("dt", {}, changeLabel(period, context)),
    element(
      "dd",
      {},
      difference === null ? absent("–") : change(difference),
      percent === null ? null : element("span", { class: "percent" }, percent.replace("-", "−")),
    ),
    element("dd", { class: "note" }, difference === null ? note : `since ${day}${note === "" ? "" : `; ${note}`}`),
  );
}

/** Returns the name of the day, month or year at the end of the report. */
function changeLabel(period: ReportClose["period"], { report, zone }: ReportContext): string {
  const length = { day: 10, month: 7, year: 4 }[period];
  if (report.end !== report.generatedAt) return `In ${zone.day(Date.parse(report.end)).slice(0, length)}`;
  return { day: "Today", month: "This month", year: "This year" }[period];
}
