import { sum } from "./amounts.ts";
import { gapsByTime, medianInterval, type View, type ViewAsset, type ViewPoint } from "./view.ts";

export const ALL_ACCOUNTS = "all";

type Column = "quantities" | "holds" | "values";

/**
 * Returns all accounts combined. A step is a gap unless every account that counts there has a snapshot; `missingAccounts`
 * names the accounts without one.
 */
export function combineAccounts(views: readonly View[]): View {
  const times = [...new Set(views.flatMap((view) => view.times))].sort((a, b) => a - b);
  const column = <T>(of: (view: View) => readonly T[]) => {
    const entries = views.flatMap((view) => view.times.map((time, step) => [time, of(view)[step]] as const));
    const found = new Map(entries);
    return times.map((time) => found.get(time) as T);
  };
  const [first] = views;
  // Accounts may have different steps: for each account, the index of its own step, or -1.
  const ownSteps = views.map((view) => {
    const steps = new Map(view.times.map((time, step) => [time, step]));
    return times.map((time) => steps.get(time) ?? -1);
  });
  const pointsByStep = times.map((_, step) =>
    views.map((view, account) => view.points[ownSteps[account]?.[step] ?? -1] ?? null),
  );
  const isActive = (step: number) => (view: View, account: number) =>
    view.activeAccounts[ownSteps[account]?.[step] ?? -1] !== 0;
  const activeAccounts = times.map((_, step) => views.filter(isActive(step)).length);
  const points = pointsByStep.map((points, step) => {
    const active = points.filter((_, account) => isActive(step)(views[account] as View, account));
    return active.length > 0 && active.every((point) => point !== null) ? combinePoints(active) : null;
  });
  const missingAccounts = pointsByStep.map((points, step) => {
    const isMissing = (view: View, account: number) => points[account] === null && isActive(step)(view, account);
    const missing = views.filter(isMissing).map(({ id }) => id);
    return missing.length === activeAccounts[step] ? [] : missing;
  });
  const symbols = [...new Set(views.flatMap(({ assets }) => assets.map(({ symbol }) => symbol)))];
  const ends = column(({ ends }) => ends);
  const since = Math.min(...views.map(({ since }) => since));
  return {
    id: ALL_ACCOUNTS,
    label: allAccountsLabel(views),
    accounts: views.length,
    ...{ times, ends, since, open: views.some(({ open }) => open) },
    labels: first?.labels && column(({ labels = [] }) => labels),
    interval: medianInterval(times, ends, since),
    points,
    activeAccounts,
    assets: symbols.map((symbol) => combineAsset(symbol, views, ownSteps, points)),
    gaps: gapsByTime(views.flatMap((view) => view.gaps)),
    missingAccounts,
  };
}

export function allAccountsLabel(views: readonly View[]): string {
  return `All ${views.length} accounts`;
}

function combinePoints(points: readonly ViewPoint[]): ViewPoint {
  const totals = points.flatMap(({ total }) => total ?? []);
  return {
    slots: firstAndLast(points.flatMap(({ slots }) => slots)),
    captured: firstAndLast(points.flatMap(({ captured }) => captured)),
    total: totals.length === 0 ? null : sum(totals),
    covers: points.reduce((count, { covers }) => count + covers, 0),
    of: points.reduce((count, point) => count + point.of, 0),
    unsettled: [...new Set(points.flatMap(({ unsettled }) => unsettled))],
  };
}

function firstAndLast(instants: readonly string[]): [string, string] {
  const sorted = [...instants].sort((a, b) => Date.parse(a) - Date.parse(b));
  return [sorted[0] ?? "", sorted.at(-1) ?? ""];
}

function combineAsset(
  symbol: string,
  views: readonly View[],
  ownSteps: readonly (readonly number[])[],
  points: readonly (ViewPoint | null)[],
): ViewAsset {
  const holders = views.flatMap((view, account) => {
    const asset = view.assets.find((one) => one.symbol === symbol);
    return asset ? [{ asset, steps: ownSteps[account] ?? [] }] : [];
  });
  const amountsAt = (column: Column, step: number) =>
    holders
      .map(({ asset, steps }) => asset[column][steps[step] ?? -1] ?? null)
      .filter((amount): amount is string => amount !== null);
  // Amounts rarely change from step to step and exact sums are slow, so unchanged amounts are not added again.
  const sums = (column: Column) => {
    let previous: readonly string[] = [];
    let total: string | null = null;
    return points.map((point, step) => {
      // If one account's holding is unsettled, the sum of the others would be misleading.
      const amounts = point && !point.unsettled.includes(symbol) ? amountsAt(column, step) : [];
      const changed = amounts.length !== previous.length || amounts.some((amount, at) => amount !== previous[at]);
      if (changed) [previous, total] = [amounts, amounts.length === 0 ? null : sum(amounts)];
      return total;
    });
  };
  const unpricedAccounts = points.map((point, step) => {
    if (point === null) return undefined;
    const [held, priced] = [amountsAt("quantities", step).length, amountsAt("values", step).length];
    return priced > 0 && priced < held ? held - priced : undefined;
  });
  return {
    symbol,
    name: holders[0]?.asset.name ?? "",
    quantities: sums("quantities"),
    holds: sums("holds"),
    values: sums("values"),
    unpricedAccounts,
  };
}
