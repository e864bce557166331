import { type Range, wholeRange } from "./range.ts";
import { SORT_KEYS, type State } from "./store.ts";
import type { View } from "./view.ts";

/** The part of the state that the address of the page keeps. */
export type KeptState = Pick<State, "view" | "range" | "asset" | "sort">;

/** Returns the fragment of the page's address for a state; empty for the state in which the page opens. */
export function fragmentOf({ view, range, asset, sort }: KeptState, initial: KeptState): string {
  const whole = wholeRange(view);
  const fields = new URLSearchParams();
  if (view.id !== initial.view.id) fields.set("account", view.id);
  if (range.first !== whole.first) fields.set("from", instantOf(view, range.first));
  if (range.last !== whole.last) fields.set("to", instantOf(view, range.last));
  if (asset !== initial.asset) fields.set("asset", asset);
  if (sort.key !== initial.sort.key || sort.direction !== initial.sort.direction) {
    fields.set("sort", `${sort.direction === "descending" ? "-" : ""}${sort.key}`);
  }
  return fields.toString();
}

/** Returns the state of a fragment. A field that is not valid is ignored. */
export function stateOf(fragment: string, initial: KeptState, views: readonly View[]): KeptState {
  const fields = new URLSearchParams(fragment);
  const view = views.find(({ id }) => id === fields.get("account")) ?? initial.view;
  const symbol = fields.get("asset");
  const isKnown = views.some(({ assets }) => assets.some((asset) => asset.symbol === symbol));
  const asset = symbol !== null && isKnown ? symbol : initial.asset;
  return { view, range: rangeOf(fields, view), asset, sort: sortOf(fields.get("sort")) ?? initial.sort };
}

function rangeOf(fields: URLSearchParams, view: View): Range {
  const whole = wholeRange(view);
  const stepAt = (field: string, otherwise: number) => {
    const step = view.times.indexOf(Date.parse(fields.get(field) ?? ""));
    return step === -1 ? otherwise : step;
  };
  const range = { first: stepAt("from", whole.first), last: stepAt("to", whole.last) };
  return range.first <= range.last ? range : whole;
}

function sortOf(text: string | null): State["sort"] | undefined {
  const key = SORT_KEYS.find((known) => known === text?.replace(/^-/, ""));
  return key && { key, direction: text?.startsWith("-") ? "descending" : "ascending" };
}

function instantOf({ times }: View, step: number): string {
  return new Date(times[step] ?? 0).toISOString();
}
