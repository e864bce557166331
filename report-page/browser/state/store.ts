import type { SortKey } from "../tables/balance-rows.ts";
import type { Range } from "./range.ts";
import type { Zone } from "./time-zone.ts";
import type { View } from "./view.ts";

/** What holds for the whole report. */
export interface ReportFacts {
  readonly timezone: string;
  readonly zone: Zone;
  readonly denomination: string;
}

/** What the page shows at this moment. */
export interface State {
  readonly view: View;
  readonly range: Range;
  /** The symbol of the asset whose quantity is drawn. */
  readonly asset: string;
  /** The step that the cursor is at; `null`: the plots' read-outs tell of the end of the range. */
  readonly cursor: number | null;
  readonly sort: { readonly key: SortKey; readonly direction: "ascending" | "descending" };
}

type Listener = (state: State, changed: ReadonlySet<keyof State>) => void;

/** The one place of the state: parts of the page change it here, and hear of what others changed. */
export class Store {
  #state: State;
  readonly #listeners: Listener[] = [];

  constructor(state: State) {
    this.#state = state;
  }

  get state(): State {
    return this.#state;
  }

  /** Calls it now, and whenever one of `keys` has changed. */
  watch(keys: readonly (keyof State)[], listener: Listener): void {
    this.#listeners.push((state, changed) => {
      if (keys.some((key) => changed.has(key))) listener(state, changed);
    });
    listener(this.#state, new Set(keys));
  }

  change(part: Partial<State>): void {
    const before = this.#state;
    const changed = new Set((Object.keys(part) as (keyof State)[]).filter((key) => part[key] !== before[key]));
    if (changed.size === 0) return;
    this.#state = { ...before, ...part };
    for (const listener of this.#listeners) listener(this.#state, changed);
  }
}
