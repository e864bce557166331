import { fragmentOf, type KeptState, stateOf } from "./fragment.ts";
import type { State, Store } from "./store.ts";
import type { View } from "./view.ts";

/** Returns the state in which the page opens: that of its address. */
export function openingState(initial: State, views: readonly View[]): State {
  return { ...initial, ...stateOf(location.hash.slice(1), initial, views) };
}

/**
 * Keeps the state in the page's address: a reload restores it, and the back button returns to the state before.
 * @param initial the state without a fragment
 */
export function keepInAddress(store: Store, initial: KeptState, views: readonly View[]): void {
  store.watch(["view", "range", "asset", "sort"], (state) => {
    const fragment = fragmentOf(state, initial);
    // The address is already that of the state after a step back, or has fields that are not valid.
    const isSame = fragment === fragmentOf(stateOf(location.hash.slice(1), initial, views), initial);
    if (!isSame) history.pushState(null, "", fragment === "" ? location.pathname + location.search : `#${fragment}`);
  });
  addEventListener("popstate", () => {
    store.change({ ...stateOf(location.hash.slice(1), initial, views), cursor: null });
  });
}
