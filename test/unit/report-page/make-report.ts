import { sum } from "../../../core/domain/amount.ts";
import { createRandom } from "../../../local/simulated-cdp/market/random.ts";
import type { ReportAccount, ReportAsset, ReportData, ReportPoint } from "../../../report-page/data/report-data.ts";

/** The same options generate the same report. */
export interface ReportOptions {
  readonly accounts?: number;
  readonly assets?: number;
  readonly steps?: number;
  /** Distance between steps in milliseconds. */
  readonly every?: number;
  readonly timezone?: string;
  /** Whether the steps are labelled with their days, and the last one is open; only with `every` a day, in UTC. */
  readonly days?: boolean;
}

export const HOUR = 3_600_000;

/** At the close of the month, only the first account counts; at that of the year, none does. */
const CLOSES: ReportData["closes"] = [
  { period: "day", day: "2026-11-09" },
  { period: "month", day: "2026-10-31" },
  { period: "year", day: "2025-12-31" },
];

const SYMBOLS = (
  "btc eth usd sol usdc xrp ada doge dot avax link matic ltc bch atom uni xlm algo near fil icp apt arb op grt aave " +
  "mkr snx comp crv sushi"
).split(" ");

/**
 * Returns a report with all special cases: single gaps and a long one, gaps with and without a recorded reason, an asset
 * that is closed and opened again (sol), one that loses its price (xrp), one that never has a price (the last one), one
 * that is opened (usdc), one that is closed (doge), and quantities of up to 18 decimals.
 */
export function makeReport(options: ReportOptions = {}): ReportData {
  const { accounts = 1, steps = 240, every = HOUR, timezone = "UTC" } = options;
  const start = Date.parse("2026-11-01T00:00:00.000Z");
  // A day closes a millisecond before midnight.
  const first = options.days ? start + every - 1 : start;
  const instants = Array.from({ length: steps }, (_, at) => new Date(first + at * every).toISOString());
  return {
    title: "Balances of Example Ltd, 2026",
    generatedAt: instants.at(-1) ?? "",
    timezone,
    denomination: "usd",
    scheduled: true,
    end: instants.at(-1) ?? "",
    closes: CLOSES,
    since: new Date(first - every).toISOString(),
    steps: instants,
    ...(options.days && { labels: instants.map((step) => step.slice(0, 10)), open: true }),
    accounts: Array.from({ length: accounts }, (_, at) => makeAccount(at, instants, options)),
  };
}

function makeAccount(number: number, steps: readonly string[], { assets = 31 }: ReportOptions): ReportAccount {
  const integer = createRandom(1000 + number);
  const random = () => integer(0, 999_999) / 1e6;
  const share = (step: number) => step / steps.length;
  const isGap = (step: number) =>
    step % 97 === 41 + number || (share(step) > 0.6 && share(step) < 0.64 - number * 0.01) || step === 7;
  const heldWhen: Record<number, (step: number) => boolean> = {
    3: (step) => share(step) < 0.35 || share(step) > 0.5,
    4: (step) => share(step) > 0.25,
    7: (step) => share(step) < 0.8,
  };
  const priced = (at: number, step: number) => at !== assets - 1 && !(at === 5 && share(step) > 0.7);
  const columns = Array.from({ length: assets }, (_, at): ReportAsset => {
    const places = at === 2 ? 2 : at % 2 === 0 ? 8 : 18;
    const fraction = Array.from({ length: places }, () => integer(1, 9)).join("");
    const initialValue = 600_000 / (at + 1) ** 1.3;
    let price = at === 2 ? 1 : 10 ** (4 - (at % 6)) * (0.5 + random());
    let whole = Math.round(initialValue / price);
    const cells = steps.map((_, step) => {
      if (at !== 2) price *= 1 + (random() - 0.495) * 0.02;
      if (random() < 0.02) whole += Math.round((whole * (random() - 0.45)) / 10);
      const quantity = `${whole}.${fraction}`;
      if (isGap(step) || heldWhen[at]?.(step) === false) return undefined;
      const hold = at % 3 === 0 ? `${Math.floor(whole / 7)}.${fraction}` : "0";
      return { quantity, hold, value: priced(at, step) ? (Number(quantity) * price).toFixed(2) : null };
    });
    return {
      ...{ symbol: SYMBOLS[at] ?? `a${at}`, name: `The ${SYMBOLS[at] ?? at} coin` },
      quantities: cells.map((cell) => cell?.quantity ?? null),
      holds: cells.map((cell) => cell?.hold ?? null),
      values: cells.map((cell) => cell?.value ?? null),
    };
  });
  const points = steps.map((step, at) => (isGap(at) ? null : pointOf(step, at, columns, number)));
  const newest = points.findLastIndex((point) => point !== null);
  return {
    ...(number === 0 && { name: "Treasury" }),
    end: points[newest] ?? "missing",
    closes: [points[newest - 24] ?? "missing", number === 0 ? (points[0] ?? "missing") : "not active", "not active"],
    allocation: columns.flatMap(({ symbol, quantities, values }) =>
      quantities[newest] == null ? [] : [[symbol, values[newest] ?? null] as const],
    ),
    accountId: `account_0000000${number}-0000-4000-8000-00000000000${number}`,
    snapshots: points,
    assets: columns,
    gaps: steps.flatMap((slot, at) => {
      if (!isGap(at)) return [];
      return at % 2 === 0 ? [{ slot }] : [{ slot, reason: "api_unavailable: the API answered 503 four times" }];
    }),
  };
}

function pointOf(step: string, at: number, assets: readonly ReportAsset[], number: number): ReportPoint {
  const held = assets.filter(({ quantities }) => quantities[at] !== null);
  const values = held.flatMap((asset) => asset.values[at] ?? []);
  const capturedAt = new Date(Date.parse(step) + 1000 + (at % 877) + 40 * number).toISOString();
  const total = values.length === 0 && held.length > 0 ? null : sum(values);
  return { slot: step, capturedAt, total, covers: values.length, of: held.length };
}
