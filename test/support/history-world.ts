import { EXHAUSTIVE, historyDays } from "./exhaustive.ts";
import { type EmbeddedFactsWorld, startEmbeddedFactsWorld } from "./facts-world.ts";
import { type AccountFacts, comingAndGoing, type Facts, HOUR, makeFacts, type SnapshotFact } from "./history-facts.ts";
import { asOfFacts, balanceRowsOf, completeOf, countsAt, instant, instantOfLocal, nameOf } from "./history-naive.ts";

// The history that the commands are tested on: accounts of 6, 5, 2 and 2 assets with hourly slots. The last one comes, goes
// and returns. On 31 March 2002, the clocks changed in Europe (an hour is skipped) and in Sydney (an hour occurs twice), which is why
// five days with the end of a month are enough.

export const DAYS = historyDays(5);
/** Of each account. */
export const ASSETS = EXHAUSTIVE ? ([12, 7, 2, 2] as const) : ([6, 5, 2, 2] as const);
export const FROM = Date.parse("2002-03-29T00:00:00.000Z");
/** A short history has more incidents per day, so that it still contains every kind of them. */
const made = makeFacts({
  ...{ seed: 20, from: FROM, hours: 24 * DAYS, assets: ASSETS },
  incidentRate: Math.max(1, 21 / DAYS),
});
const [attempt, start, end, back] = [0.1, 0.15, 0.6, 0.82].map((share) => momentAt(share)) as [
  number,
  number,
  number,
  number,
];
const [company, customer] = [
  "entity_af2937b0-9846-4fe7-bfe9-ccc22d935114",
  "customer_77aa3c1e-5b0f-4c1e-9a52-0f0c6a5f7d11",
];
/** The third account was never described. The first one has another name since the middle of the history. */
const DESCRIPTIONS = [
  [
    { from: momentAt(0.1), name: "Treasury", type: "prime", owner: company },
    { from: momentAt(0.5), name: 'Treasury "Zürich"', type: "prime", owner: company },
  ],
  [{ from: momentAt(0.1), name: "Operations", type: "business", owner: company }],
  [],
  [{ from: momentAt(0.2), name: "Payouts", type: "cdp", owner: customer }],
];
export const facts: Facts = {
  ...made,
  accounts: made.accounts.map((one, at) => ({
    ...(at === 3 ? comingAndGoing(one, { attempt, start, end, back }) : one),
    descriptions: DESCRIPTIONS[at] ?? [],
  })),
};
export const ids = facts.accounts.map(({ accountId }) => accountId);
export const ZURICH = "Europe/Zurich";
export const SYDNEY = "Australia/Sydney";

/** Returns the facts of an account: 0 has the most assets, 2 has two, and 3 comes, goes and returns. */
export const account = (at: number): AccountFacts => facts.accounts[at] as AccountFacts;

/** Returns the full hour at a share of the history, from 0 to 1. */
export function momentAt(share: number): number {
  return FROM + Math.floor(24 * DAYS * share) * HOUR;
}

/** Returns the day at a share of the history. */
export const dayAt = (share: number): string => instant(momentAt(share)).slice(0, 10);

/** Returns the first and the last millisecond of a day. */
export function day(text: string, timezone = "UTC"): { start: number; end: number } {
  const next = instant(Date.parse(`${text}T00:00:00Z`) + 24 * HOUR).slice(0, 10);
  const start = instantOfLocal(`${text}T00:00:00.000`, timezone);
  return { start, end: instantOfLocal(`${next}T00:00:00.000`, timezone) - 1 };
}

/** Returns the snapshots of an account that were completed in a range. */
export function completedIn(at: number, start: number, end: number): SnapshotFact[] {
  return completeOf(account(at).records).filter(({ completedAt }) => completedAt >= start && completedAt <= end);
}

/** Returns the longest time without a completed snapshot. */
export function longestSilence(): { from: number; to: number } {
  const captures = facts.accounts
    .flatMap(({ records }) => completeOf(records).map(({ completedAt }) => completedAt))
    .sort((a, b) => a - b);
  return captures
    .slice(1)
    .map((to, at) => ({ from: captures[at] ?? to, to }))
    .reduce((longest, one) => (one.to - one.from > longest.to - longest.from ? one : longest));
}

/** Returns what each account that counts held at a moment; `undefined` if its last snapshot is older than `maxAgeMs`. */
export function heldAt(at: number, maxAgeMs: number) {
  const active = facts.accounts.filter((one) => countsAt(one, at));
  return active.map(({ accountId, records }) => {
    const found = asOfFacts(records, at);
    return { accountId, found: found && at - found.capturedAt <= maxAgeMs ? found : undefined };
  });
}

/** Returns the rows of every account that has a snapshot at a moment. */
export function heldRowsAt(at: number, maxAgeMs: number) {
  return heldAt(at, maxAgeMs).flatMap(({ accountId, found }) =>
    found ? balanceRowsOf(accountId, found).map((row) => namedRow(row, found.completedAt)) : [],
  );
}

/** Returns a row with the name that its account had at a time; a row of all accounts has none. */
export function namedRow<Row extends { readonly accountId: string }>(row: Row, at: number) {
  const one = facts.accounts.find(({ accountId }) => accountId === row.accountId);
  return { ...row, accountName: one === undefined ? null : nameOf(one, at) };
}

/** The current time for the command line: two hours after the last slot. */
export const NOW = facts.to + 2 * HOUR;

let shared: Promise<EmbeddedFactsWorld> | undefined;

/** Returns the world of the history, which all test files of a process share: they only read it. It ends with the process. */
export async function startHistoryWorld(): Promise<EmbeddedFactsWorld> {
  shared ??= startEmbeddedFactsWorld(facts, NOW);
  return shared;
}
