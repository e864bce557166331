import { type Range, wholeRange } from "../state/range.ts";
import type { State, Store } from "../state/store.ts";

/**
 * Makes a plot usable by keyboard, as a slider over its steps whose value screen readers announce.
 * @param describe returns the text for a step
 */
export function enableKeyboard(host: HTMLElement, store: Store, describe: (state: State, step: number) => string) {
  store.watch(["view", "range", "cursor", "asset"], (state) => {
    const { first, last } = state.range;
    const step = state.cursor ?? last;
    host.setAttribute("aria-valuemin", String(first));
    host.setAttribute("aria-valuemax", String(last));
    host.setAttribute("aria-valuenow", String(step));
    host.setAttribute("aria-valuetext", describe(state, step));
  });
  host.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const changes = changesFor(event.key, store.state);
    if (changes === undefined) return;
    event.preventDefault();
    store.change(changes);
  });
  host.addEventListener("blur", () => store.change({ cursor: null }));
}

function changesFor(key: string, { view, range, cursor }: State): Partial<State> | undefined {
  const { first, last } = range;
  const current = cursor ?? last;
  const tenth = Math.max(1, Math.round((last - first) / 10));
  const moveTo = (step: number) => ({ cursor: Math.min(Math.max(step, first), last) });
  const changes: Readonly<Record<string, Partial<State>>> = {
    ArrowLeft: moveTo(current - 1),
    ArrowDown: moveTo(current - 1),
    ArrowRight: moveTo(current + 1),
    ArrowUp: moveTo(current + 1),
    PageDown: moveTo(current - tenth),
    PageUp: moveTo(current + tenth),
    Home: moveTo(first),
    End: moveTo(last),
    "+": { range: zoom(range, current, 0.5, view.times.length) },
    "=": { range: zoom(range, current, 0.5, view.times.length) },
    "-": { range: zoom(range, current, 2, view.times.length) },
    Escape: { range: wholeRange(view), cursor: null },
  };
  return changes[key];
}

/** Returns a range `factor` times as long, at least two steps, with `center` at the same position. */
function zoom({ first, last }: Range, center: number, factor: number, steps: number): Range {
  const from = Math.max(0, Math.min(Math.floor(center - (center - first) * factor), steps - 2));
  const to = Math.min(steps - 1, Math.max(Math.ceil(center + (last - center) * factor), from + 1));
  return { first: from, last: to };
}
