import { sum } from "./amounts.ts";
import { periodOf, type View, type ViewAsset, type ViewPoint } from "./view.ts";

/** The id of the sum over all accounts. */
export const ALL = "all";

/**
 * The sum over all accounts. A step counts only if every account has a snapshot for it: the others are gaps here, and
 * `missing` names the accounts that lack.
 */
export function combine(views: readonly View[]): View {
  const times = [...new Set(views.flatMap((view) => view.times))].sort((a, b) => a - b);
  // Where each account has its column cell of a step: accounts need not have the same steps.
  const places = views.map((view) => {
    const place = new Map(view.times.map((time, at) => [time, at]));
    return times.map((time) => place.get(time) ?? -1);
  });
  const parts = times.map((_, step) => views.map((view, at) => view.points[places[at]?.[step] ?? -1] ?? null));
  const points = parts.map((some) => (some.every((point) => point !== null) ? sumOfPoints(some) : null));
  const missing = parts.map((some) => {
    const lacking = views.filter((_, at) => some[at] === null).map(({ id }) => id);
    return lacking.length === views.length ? [] : lacking;
  });
  return {
    id: ALL,
    label: `All ${views.length} accounts`,
    accounts: views.length,
    times,
    period: periodOf(times),
    points,
    assets: symbolsOf(views).map((symbol) => sumOfAsset(symbol, views, places, points)),
    gaps: views.flatMap((view) => view.gaps).sort((one, other) => one.time - other.time),
    missing,
  };
}

function sumOfPoints(points: readonly ViewPoint[]): ViewPoint {
  const totals = points.flatMap(({ total }) => total ?? []);
  return {
    slots: ends(points.flatMap(({ slots }) => slots)),
    captured: ends(points.flatMap(({ captured }) => captured)),
    total: totals.length === 0 ? null : sum(totals),
    covers: points.reduce((count, { covers }) => count + covers, 0),
    of: points.reduce((count, point) => count + point.of, 0),
    unsettled: [...new Set(points.flatMap(({ unsettled }) => unsettled))],
  };
}

function ends(instants: readonly string[]): [string, string] {
  const sorted = [...instants].sort((a, b) => Date.parse(a) - Date.parse(b));
  return [sorted[0] ?? "", sorted.at(-1) ?? ""];
}

function symbolsOf(views: readonly View[]): string[] {
  return [...new Set(views.flatMap(({ assets }) => assets.map(({ symbol }) => symbol)))];
}

function sumOfAsset(
  symbol: string,
  views: readonly View[],
  places: readonly (readonly number[])[],
  points: readonly (ViewPoint | null)[],
): ViewAsset {
  const parts = views.flatMap((view, at) => {
    const asset = view.assets.find((one) => one.symbol === symbol);
    return asset ? [{ asset, place: places[at] ?? [] }] : [];
  });
  const cells = (column: "quantities" | "holds" | "values", step: number) =>
    parts.map(({ asset, place }) => asset[column][place[step] ?? -1] ?? null).filter((cell) => cell !== null);
  // Most cells stand still from step to step, and exact sums take their time: what stands still is added up once.
  const column = (name: "quantities" | "holds" | "values") => {
    let added: readonly string[] = [];
    let total: string | null = null;
    return points.map((point, step) => {
      // What one account may hold beside that makes the sum of the others no sum.
      const some = point && !point.unsettled.includes(symbol) ? cells(name, step) : [];
      const stands = some.length === added.length && some.every((cell, at) => cell === added[at]);
      if (!stands) [added, total] = [some, some.length === 0 ? null : sum(some)];
      return total;
    });
  };
  const unpricedIn = points.map((point, step) => {
    if (point === null) return undefined;
    const [held, priced] = [cells("quantities", step).length, cells("values", step).length];
    return priced > 0 && priced < held ? held - priced : undefined;
  });
  return {
    symbol,
    name: parts[0]?.asset.name ?? "",
    quantities: column("quantities"),
    holds: column("holds"),
    values: column("values"),
    unpricedIn,
  };
}
