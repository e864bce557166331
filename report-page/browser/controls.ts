import { byId, element } from "./dom.ts";
import { count, gapSteps, spacing } from "./phrases.ts";
import { ALL } from "./state/all-accounts.ts";
import { lastDays, PRESETS, type Range, stepsIn, wholeRange } from "./state/range.ts";
import type { ReportFacts, State, Store } from "./state/store.ts";
import type { View } from "./state/view.ts";

/**
 * Account, range, reset.
 * @param views what can be chosen, made when it is
 * @param reset back to how the page was opened
 */
export function controls(
  store: Store,
  facts: ReportFacts,
  views: ReadonlyMap<string, { readonly label: string; readonly view: () => View }>,
  reset: () => void,
): void {
  const account = byId<HTMLSelectElement>("account");
  account.replaceChildren(...[...views].map(([id, { label }]) => element("option", { value: id }, label)));
  byId("account-label").hidden = views.size < 2;
  account.addEventListener("change", () => {
    const view = views.get(account.value)?.view();
    if (view) store.change({ view, range: rangeFor(view, store.state), cursor: null, ...assetFor(view, store.state) });
  });
  byId("reset").addEventListener("click", reset);
  presets(store);
  dates(store, facts);
  store.watch(["view", "range"], (state) => {
    account.value = state.view.id;
    say(status(state, facts));
  });
}

/** A range that is whole stays so with another account; another one stays what it is, if the account has steps there. */
function rangeFor(view: View, { view: before, range }: State): Range {
  const [old, whole] = [wholeRange(before), wholeRange(view)];
  const wasWhole = range.from <= old.from && range.to >= old.to;
  return wasWhole || stepsIn(view, range) === undefined ? whole : range;
}

function assetFor(view: View, { asset }: State): Partial<State> {
  return view.assets.some(({ symbol }) => symbol === asset) ? {} : { asset: view.assets[0]?.symbol ?? "" };
}

function presets(store: Store): void {
  const buttons = PRESETS.map(({ label, days }) => {
    const button = element("button", { type: "button" }, label);
    button.addEventListener("click", () => {
      store.change({ range: lastDays(wholeRange(store.state.view), days), cursor: null });
    });
    return { days, button };
  });
  byId("presets").append(...buttons.map(({ button }) => button));
  store.watch(["view", "range"], ({ view, range }) => {
    const whole = wholeRange(view);
    for (const { days, button } of buttons) {
      const { from, to } = lastDays(whole, days);
      button.disabled = days !== Number.POSITIVE_INFINITY && from === whole.from;
      const pressed = !button.disabled && range.from === from && range.to === to;
      button.setAttribute("aria-pressed", String(pressed));
    }
  });
}

/** Days of the report's time zone: from the start of the one to the end of the other. */
function dates(store: Store, { zone }: ReportFacts): void {
  const [from, to] = [byId<HTMLInputElement>("from"), byId<HTMLInputElement>("to")];
  const choose = () => {
    if (from.value === "" || to.value === "") return;
    const { view } = store.state;
    const range = { from: zone.startOf(from.value), to: zone.startOf(dayAfter(to.value)) - 1 };
    if (stepsIn(view, range)) store.change({ range, cursor: null });
    else say(`There is no step from ${from.value} to ${to.value}: the range stays as it is.`);
  };
  for (const input of [from, to]) input.addEventListener("change", choose);
  store.watch(["view", "range"], ({ view, range }) => {
    const whole = wholeRange(view);
    from.value = zone.day(Math.max(range.from, whole.from));
    to.value = zone.day(Math.min(range.to, whole.to));
    for (const input of [from, to]) {
      input.min = zone.day(whole.from);
      input.max = zone.day(whole.to);
    }
  });
}

function dayAfter(day: string): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);
}

function say(text: string): void {
  byId("status").textContent = text;
}

function status({ view, range }: State, { zone }: ReportFacts): string {
  const steps = stepsIn(view, range);
  if (steps === undefined) return `${view.label}: no steps.`;
  const { first, last } = steps;
  const [start, end] = [first, last].map((step) => zone.minute(view.times[step] ?? 0));
  const gaps = gapSteps(view, first, last);
  const held = view.id === ALL ? "a snapshot of every account" : "a snapshot";
  const steady = `${count(last - first + 1, "step")} of ${spacing(view.period)}`;
  return `${view.label} · ${start} to ${end} · ${steady}, ${last - first + 1 - gaps} with ${held}, ${gaps} without`;
}
