import type { ReportData } from "../../data/report-data.ts";
import type { Range } from "./range.ts";
import type { TimeZone } from "./time-zone.ts";
import type { View } from "./view.ts";

export interface ReportContext {
  readonly report: ReportData;
  readonly zone: TimeZone;
  readonly denomination: string;
  /** Returns the name of an asset's colour in the style sheet. */
  readonly colourOf: (symbol: string) => string;
}

/** The columns that balances can be sorted by. */
export const SORT_KEYS = ["symbol", "quantity", "quantityChange", "hold", "value", "valueChange"] as const;

export type SortKey = (typeof SORT_KEYS)[number];

export type SortDirection = "ascending" | "descending";

export interface State {
  readonly view: View;
  readonly range: Range;
  /** Symbol of the asset for the quantity plot. A view without it shows its most valuable asset instead. */
  readonly asset: string;
  /** The step at the cursor; `null`: the readouts show the end of the range. */
  readonly cursor: number | null;
  readonly sort: { readonly key: SortKey; readonly direction: SortDirection };
}

type Listener = (state: State) => void;

/** Holds the page's state and notifies the parts of the page when it changes. */
export class Store {
  #state: State;
  readonly #listeners: { readonly keys: readonly (keyof State)[]; readonly listener: Listener }[] = [];

  constructor(state: State) {
    this.#state = state;
  }

  get state(): State {
    return this.#state;
  }

  /** Calls the listener now and whenever one of `keys` changes. */
  watch(keys: readonly (keyof State)[], listener: Listener): void {
    this.#listeners.push({ keys, listener });
    listener(this.#state);
  }

  change(changes: Partial<State>): void {
    const before = this.#state;
    const state = { ...before, ...changes };
    this.#state = state;
    for (const { keys, listener } of this.#listeners) {
      if (keys.some((key) => state[key] !== before[key])) listener(this.#state);
    }
  }
}
