import { sum } from "../../../core/domain/amount.ts";
import type { View, ViewAsset, ViewPoint } from "./view.ts";

export const ALL_ACCOUNTS = "all";

type Column = "quantities" | "holds" | "values";

/**
 * Returns all accounts combined. A step is a gap unless every account that counts there has a snapshot; `missingAccounts`
 * names the accounts without one.
 */
export function combineAccounts(views: readonly View[]): View {
  const [first] = views as [View];
  const activeViews = first.times.map((_, step) => views.filter(({ activeAccounts }) => activeAccounts[step] !== 0));
  const points = activeViews.map((active, step) => {
    const points = active.map((view) => view.points[step] ?? null);
    return points.length > 0 && points.every((point) => point !== null) ? combinePoints(points) : null;
  });
  const missingAccounts = activeViews.map((active, step) => {
    const missing = active.filter((view) => view.points[step] === null);
    return missing.length === active.length ? [] : missing.map(({ label }) => label);
  });
  const symbols = [...new Set(views.flatMap(({ assets }) => assets.map(({ symbol }) => symbol)))];
  return {
    ...first,
    id: ALL_ACCOUNTS,
    label: allAccountsLabel(views),
    accounts: views.flatMap(({ accounts }) => accounts),
    points,
    activeAccounts: activeViews.map(({ length }) => length),
    assets: symbols.map((symbol) => combineAsset(symbol, views, points)),
    gaps: views.flatMap(({ gaps }) => gaps).sort((one, other) => one.time - other.time),
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
    altered: points.some(({ altered }) => altered),
    unsettled: [...new Set(points.flatMap(({ unsettled }) => unsettled))],
  };
}

/** Returns the first and the last of some instants, or only one if they are the same. */
function firstAndLast(instants: readonly string[]): string[] {
  const sorted = [...new Set(instants)].sort();
  return sorted.filter((_, index) => index === 0 || index === sorted.length - 1);
}

function combineAsset(symbol: string, views: readonly View[], points: readonly (ViewPoint | null)[]): ViewAsset {
  const holders = views.flatMap(({ assets }) => assets.find((asset) => asset.symbol === symbol) ?? []);
  const amountsAt = (column: Column, step: number) => holders.flatMap((asset) => asset[column][step] ?? []);
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
    name: holders[0]?.name ?? "",
    quantities: sums("quantities"),
    holds: sums("holds"),
    values: sums("values"),
    unpricedAccounts,
  };
}
