import { element } from "../dom.ts";
import { coverage, gapText } from "../phrases.ts";
import { snapshotsIn, stepsIn } from "../state/range.ts";
import type { ReportContext, State } from "../state/store.ts";
import type { View } from "../state/view.ts";

/** Returns the step that the readouts show: the cursor's, or else the range's last snapshot. */
export function readoutStep({ view, range, cursor }: State): { step: number; label: string } {
  const { first, last } = stepsIn(view, range) ?? { first: 0, last: 0 };
  if (cursor !== null) return { step: cursor, label: "At the cursor" };
  const end = snapshotsIn(view, first, last)?.end ?? last;
  return { step: end, label: end === last ? "End of range" : "Last snapshot in range" };
}

/** Creates a list with a step's slot, capture time and coverage, or the reason why the step is a gap. */
export function snapshotFacts(view: View, step: number, label: string, { zone }: ReportContext): HTMLElement {
  const point = view.points[step];
  const utc = (instants: readonly string[] | undefined) => fromTo([...new Set(instants)]);
  const local = (instants: readonly string[] | undefined) =>
    fromTo([...new Set(instants)].map((instant) => zone.instant(Date.parse(instant))));
  return element(
    "dl",
    { class: view.accounts > 1 ? "facts all-accounts" : "facts" },
    fact(label, zone.instant(view.times[step] ?? 0)),
    fact("Slot", utc(point?.slots)),
    fact("Captured", local(point?.captured)),
    fact("Captured (UTC)", utc(point?.captured)),
    point ? fact("Coverage", coverage(view, step)) : fact("No data", element("strong", {}, gapText(view, step))),
  );
}

function fact(term: string, description: Node | string): HTMLElement {
  return element("div", {}, element("dt", {}, term), element("dd", {}, description));
}

function fromTo(instants: readonly string[]): Node {
  const fragment = document.createDocumentFragment();
  instants.forEach((instant, index) => {
    fragment.append(...(index === 0 ? [] : [" to ", element("br")]), instant);
  });
  if (instants.length === 0) fragment.append("–");
  return fragment;
}
