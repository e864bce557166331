import { byId, element } from "./dom.ts";
import { intervalsText } from "./phrases.ts";
import { lastDays, PRESETS, wholeRange } from "./state/range.ts";
import type { ReportContext, State, Store } from "./state/store.ts";
import { stepName, type View } from "./state/view.ts";

/**
 * Sets up the account, the range, and the reset button.
 * @param views all accounts, if there are several, and each account
 * @param reset restores the state in which the page opens without a fragment
 */
export function setUpControls(store: Store, context: ReportContext, views: readonly View[], reset: () => void): void {
  const account = byId<HTMLSelectElement>("account");
  account.replaceChildren(...views.map(({ id, label }) => element("option", { value: id }, label)));
  byId("account-label").hidden = views.length === 1;
  byId("account-name").hidden = views.length > 1;
  account.addEventListener("change", () => {
    const view = views.find(({ id }) => id === account.value);
    if (view) store.change({ view, cursor: null });
  });
  byId("reset").addEventListener("click", reset);
  setUpPresets(store);
  setUpDates(store, context);
  store.watch(["view", "range"], (state) => {
    const { id, label, accounts } = state.view;
    account.value = id;
    // The full id of an account, on hover.
    account.title = accounts.length === 1 ? id : "";
    byId("account-name").textContent = label;
    byId("account-name").title = id;
    byId("status").textContent = statusText(state, context);
  });
}

function setUpPresets(store: Store): void {
  const buttons = PRESETS.map(({ label, days }) => {
    const button = element("button", { type: "button" }, label);
    button.addEventListener("click", () => {
      store.change({ range: lastDays(store.state.view, days), cursor: null });
    });
    return { days, button };
  });
  byId("presets").append(...buttons.map(({ button }) => button));
  store.watch(["view", "range"], ({ view, range }) => {
    for (const { days, button } of buttons) {
      const { first, last } = lastDays(view, days);
      button.disabled = days !== Number.POSITIVE_INFINITY && first === 0;
      const pressed = !button.disabled && range.first === first && range.last === last;
      button.setAttribute("aria-pressed", String(pressed));
    }
  });
}

/** The dates are days in the report's time zone, both included. They select every step of which they contain a part. */
function setUpDates(store: Store, { zone }: ReportContext): void {
  const [from, to] = [byId<HTMLInputElement>("from"), byId<HTMLInputElement>("to")];
  const refuse = (problem: string) => {
    byId("status").textContent = `${problem} The range is unchanged.`;
    showDates(store.state);
  };
  const applyDates = () => {
    if (from.value === "" || to.value === "") return;
    if (from.value > to.value) return refuse(`From (${from.value}) is after To (${to.value}).`);
    const { view } = store.state;
    const first = view.ends.findIndex((time) => zone.day(time) >= from.value);
    const last = view.times.findLastIndex((time) => zone.day(time) <= to.value);
    if (first >= 0 && last >= first) store.change({ range: { first, last }, cursor: null });
    else refuse(`No data from ${from.value} to ${to.value}.`);
  };
  const showDates = ({ view, range }: State) => {
    const dayOf = (step: number) => zone.day(view.times[step] ?? 0);
    const whole = wholeRange(view);
    from.value = dayOf(range.first);
    to.value = dayOf(range.last);
    for (const input of [from, to]) {
      input.min = dayOf(whole.first);
      input.max = dayOf(whole.last);
    }
  };
  for (const input of [from, to]) input.addEventListener("change", applyDates);
  store.watch(["view", "range"], showDates);
}

function statusText({ view, range }: State, { zone }: ReportContext): string {
  const [start, end] = [range.first, range.last].map((step) => stepName(view, step, zone.minute));
  return `${start} to ${end} · ${intervalsText(view, range)}`;
}
