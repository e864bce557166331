import { element } from "../dom.ts";
import { coverage, gapText } from "../phrases.ts";
import { endsOf, stepsIn } from "../state/range.ts";
import type { ReportFacts, State } from "../state/store.ts";
import type { View } from "../state/view.ts";

/** The step that the read-outs tell of: that of the cursor, else the last snapshot of the range. */
export function stepToTell({ view, range, cursor }: State): { step: number; where: string } {
  const { first, last } = stepsIn(view, range) ?? { first: 0, last: 0 };
  if (cursor !== null) return { step: cursor, where: "At the cursor" };
  const end = endsOf(view, first, last)?.end ?? last;
  return { step: end, where: end === last ? "End of the range" : "Last snapshot in the range" };
}

/** Where a step's figures come from: slot, time of capture, coverage; of a gap, why it is one. */
export function provenance(view: View, step: number, where: string, { zone }: ReportFacts): HTMLElement {
  const point = view.points[step];
  const utc = (instants: readonly string[] | undefined) => lines([...new Set(instants)]);
  const local = (instants: readonly string[] | undefined) =>
    lines([...new Set(instants)].map((instant) => zone.instant(Date.parse(instant))));
  return element(
    "dl",
    { class: view.accounts > 1 ? "facts of-several" : "facts" },
    fact(where, zone.instant(view.times[step] ?? 0)),
    fact("Slot", utc(point?.slots)),
    fact("Captured", local(point?.captured)),
    fact("in UTC", utc(point?.captured)),
    point ? fact("Coverage", coverage(view, step)) : fact("No figures", element("strong", {}, gapText(view, step))),
  );
}

function fact(term: string, description: Node | string): HTMLElement {
  return element("div", {}, element("dt", {}, term), element("dd", {}, description));
}

function lines(texts: readonly string[]): Node {
  const fragment = document.createDocumentFragment();
  texts.forEach((text, at) => {
    fragment.append(...(at === 0 ? [] : [" to ", element("br")]), text);
  });
  if (texts.length === 0) fragment.append("–");
  return fragment;
}
