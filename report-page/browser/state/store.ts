import type { Range } from "./range.ts";
import type { TimeZone } from "./time-zone.ts";
import type { View } from "./view.ts";

export interface ReportContext {
  readonly zone: TimeZone;
  readonly denomination: string;
}

/** A column that balances can be sorted by. */
export type SortKey = "symbol" | "quantity" | "hold" | "value" | "quantityChange" | "valueChange";

export type SortDirection = "ascending" | "descending";

export interface State {
  readonly view: View;
  readonly range: Range;
  /** Symbol of the asset in the quantity plot. */
  readonly asset: string;
  /** The step at the cursor; `null`: the readouts show the end of the range. */
  readonly cursor: number | null;
  readonly sort: { readonly key: SortKey; readonly direction: SortDirection };
}

type Listener = (state: State, changed: ReadonlySet<keyof State>) => void;

/** Holds the page's state and notifies the parts of the page when it changes. */
export class Store {
  #state: State;
  readonly #listeners: Listener[] = [];

  constructor(state: State) {
    this.#state = state;
  }

  get state(): State {
    return this.#state;
  }

  /** Calls the listener now and whenever one of `keys` changes. */
  watch(keys: readonly (keyof State)[], listener: Listener): void {
    this.#listeners.push((state, changed) => {
      if (keys.some((key) => changed.has(key))) listener(state, changed);
    });
    listener(this.#state, new Set(keys));
  }

  change(changes: Partial<State>): void {
    const before = this.#state;
    const changed = new Set((Object.keys(changes) as (keyof State)[]).filter((key) => changes[key] !== before[key]));
    if (changed.size === 0) return;
    this.#state = { ...before, ...changes };
    for (const listener of this.#listeners) listener(this.#state, changed);
  }
}
