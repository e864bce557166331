import { type Range, stepsIn, wholeRange } from "../state/range.ts";
import type { State, Store } from "../state/store.ts";

/**
 * Makes a plot usable by keyboard: as a slider over the steps, whose value assistive technology reads out.
 * Left, right: a step; page up, down: a tenth of the range; home, end: its ends; +, -: zoom; escape: all.
 * @param describe what there is at a step
 */
export function steer(host: HTMLElement, store: Store, describe: (state: State, step: number) => string): void {
  store.watch(["view", "range", "cursor", "asset"], (state) => {
    const steps = stepsIn(state.view, state.range);
    const step = state.cursor ?? steps?.last ?? 0;
    host.setAttribute("aria-valuemin", String(steps?.first ?? 0));
    host.setAttribute("aria-valuemax", String(steps?.last ?? 0));
    host.setAttribute("aria-valuenow", String(step));
    host.setAttribute("aria-valuetext", describe(state, step));
  });
  host.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const change = changeFor(event.key, store.state);
    if (change === undefined) return;
    event.preventDefault();
    store.change(change);
  });
  host.addEventListener("blur", () => store.change({ cursor: null }));
}

function changeFor(key: string, { view, range, cursor }: State): Partial<State> | undefined {
  const steps = stepsIn(view, range);
  if (steps === undefined) return undefined;
  const { first, last } = steps;
  const at = cursor ?? last;
  const tenth = Math.max(1, Math.round((last - first) / 10));
  const to = (step: number) => ({ cursor: Math.min(Math.max(step, first), last) });
  switch (key) {
    case "ArrowLeft":
    case "ArrowDown":
      return to(at - 1);
    case "ArrowRight":
    case "ArrowUp":
      return to(at + 1);
    case "PageDown":
      return to(at - tenth);
    case "PageUp":
      return to(at + tenth);
    case "Home":
      return to(first);
    case "End":
      return to(last);
    case "+":
    case "=":
      return { range: scale(view.times, first, last, at, 0.5) };
    case "-":
      return { range: scale(view.times, first, last, at, 2) };
    case "Escape":
      return { range: wholeRange(view), cursor: null };
    default:
      return undefined;
  }
}

/** A range `factor` times as long, in which a step stays where it was. Of two steps at least. */
function scale(times: readonly number[], first: number, last: number, at: number, factor: number): Range {
  const from = Math.max(0, Math.min(Math.floor(at - (at - first) * factor), times.length - 2));
  const to = Math.min(times.length - 1, Math.max(Math.ceil(at + (last - at) * factor), from + 1));
  return { from: times[from] ?? 0, to: times[to] ?? 0 };
}
