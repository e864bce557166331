import { byId, element } from "./dom.ts";
import { intervalsText } from "./phrases.ts";
import { ALL_ACCOUNTS, allAccountsLabel, combineAccounts } from "./state/all-accounts.ts";
import { lastDays, PRESETS, type Range, stepsIn, wholeRange } from "./state/range.ts";
import type { ReportContext, State, Store } from "./state/store.ts";
import { stepName, type View } from "./state/view.ts";

/**
 * Sets up the account, the range, and the reset button.
 * @param views one per account
 * @param reset restores the state in which the page opened
 */
export function setUpControls(store: Store, context: ReportContext, views: readonly View[], reset: () => void): void {
  const account = byId<HTMLSelectElement>("account");
  account.replaceChildren(...views.map(({ id, label }) => element("option", { value: id }, label)));
  if (views.length > 1) account.append(element("option", { value: ALL_ACCOUNTS }, allAccountsLabel(views)));
  else byId("account-label").hidden = true;
  // Combined on first use: exact sums of many accounts take a noticeable time.
  let combined: View | undefined;
  account.addEventListener("change", () => {
    if (account.value === ALL_ACCOUNTS) combined ??= combineAccounts(views);
    const view = views.find(({ id }) => id === account.value) ?? combined;
    if (view) store.change({ view, range: rangeFor(view, store.state), cursor: null, ...assetFor(view, store.state) });
  });
  byId("reset").addEventListener("click", reset);
  setUpPresets(store);
  setUpDates(store, context);
  store.watch(["view", "range"], (state) => {
    account.value = state.view.id;
    showStatus(statusText(state, context));
  });
}

/** Keeps the range when the account changes, but a whole range stays whole, and a range without steps becomes whole. */
function rangeFor(view: View, { view: previous, range }: State): Range {
  const [old, whole] = [wholeRange(previous), wholeRange(view)];
  const wasWhole = range.from <= old.from && range.to >= old.to;
  return wasWhole || stepsIn(view, range) === undefined ? whole : range;
}

function assetFor(view: View, { asset }: State): Partial<State> {
  return view.assets.some(({ symbol }) => symbol === asset) ? {} : { asset: view.assets[0]?.symbol ?? "" };
}

function setUpPresets(store: Store): void {
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

/** The dates are days in the report's time zone, both included. They select every step of which they contain a part. */
function setUpDates(store: Store, { zone }: ReportContext): void {
  const [from, to] = [byId<HTMLInputElement>("from"), byId<HTMLInputElement>("to")];
  const applyDates = () => {
    if (from.value === "" || to.value === "") return;
    const { view } = store.state;
    const first = view.ends.findIndex((time) => zone.day(time) >= from.value);
    const last = view.times.findLastIndex((time) => zone.day(time) <= to.value);
    const range = { from: view.times[first] ?? 0, to: view.times[last] ?? 0 };
    if (first >= 0 && last >= first) store.change({ range, cursor: null });
    else showStatus(`No data from ${from.value} to ${to.value}. The range is unchanged.`);
  };
  for (const input of [from, to]) input.addEventListener("change", applyDates);
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

function showStatus(text: string): void {
  byId("status").textContent = text;
}

function statusText({ view, range }: State, { zone }: ReportContext): string {
  const steps = stepsIn(view, range);
  if (steps === undefined) return `${view.label}: no data.`;
  const { first, last } = steps;
  const [start, end] = [first, last].map((step) => stepName(view, step, zone.minute));
  return `${view.label} · ${start} to ${end} · ${intervalsText(view, first, last)}`;
}
