// Facts: slots, holdings and failures of a made-up history. They come from a seed, without any code under test, so that
// its answers can be checked against them.

import {
  between,
  type HoldingFact,
  oddPortfolio,
  type Random,
  randomOf,
  typicalPortfolio,
} from "./history-holdings.ts";

export const HOUR = 3_600_000;
export const MINUTE = 60_000;

/** All times in milliseconds since 1970. */
export interface SnapshotFact {
  readonly status: "complete";
  readonly trigger: "schedule" | "manual";
  readonly slot: number;
  readonly capturedAt: number;
  readonly completedAt: number;
  /** By symbol. */
  readonly holdings: ReadonlyMap<string, HoldingFact>;
}

export interface FailureFact {
  readonly status: "failed";
  readonly trigger: "schedule" | "manual";
  readonly slot: number;
  readonly code: string;
  readonly message: string;
  readonly attempts: number;
  readonly lastTriedAt: number;
}

/** A run that failed before it reached any account. */
export interface FailedRunFact {
  /** The key of the run, whose accounts `all` stands for. Default: it has no name. */
  readonly key?: string;
  readonly slot: number;
  readonly trigger: "schedule" | "manual";
  /** Ids of accounts. */
  readonly scope: readonly string[] | "all";
  readonly code: string;
  readonly message: string;
  readonly failedAt: number;
}

export type RecordFact = SnapshotFact | FailureFact;

export interface EndFact {
  readonly slot: number;
  readonly reason: string;
}

export interface DescriptionFact {
  readonly from: number;
  readonly name: string;
  readonly type: string;
  readonly owner: string;
  readonly key?: string;
}

export interface AccountFacts {
  readonly accountId: string;
  /** Ascending by slot. */
  readonly records: readonly RecordFact[];
  /** When the account ended. Ascending by slot. Default: never. */
  readonly ends?: readonly EndFact[];
  /** What the API called it, since when. Ascending. Default: nothing. */
  readonly descriptions?: readonly DescriptionFact[];
  /** Every slot of the schedule, with or without a record. Ascending. */
  readonly expected: readonly number[];
  /** The runs of all accounts that failed. Default: none. */
  readonly failedRuns?: readonly FailedRunFact[];
}

export interface ScheduleFact {
  readonly expression: string;
  readonly timezone: string;
  /** Default: an hour. */
  readonly latenessLimitMs?: number;
  /** Default: that of one invocation. */
  readonly maxRunMs?: number;
  readonly since: number;
  /** The key whose accounts follow it. Default: those of all keys. */
  readonly key?: string;
}

export interface Facts {
  readonly accounts: readonly AccountFacts[];
  readonly schedules: readonly ScheduleFact[];
  /** The first and the last slot. */
  readonly from: number;
  readonly to: number;
}

export interface FactsOptions {
  readonly seed: number;
  /** The first slot. */
  readonly from: number;
  readonly hours: number;
  /** The number of assets of each account. */
  readonly assets: readonly number[];
  /**
   * `odd`: amounts of up to 18 decimals, temporary assets, incidents. `typical`: amounts of eight characters, all with a
   * value, one in five with a hold, without gaps or other incidents.
   */
  readonly kind?: "odd" | "typical";
  /** How often incidents happen: 1 is rare, 5 is constant. */
  readonly incidentRate?: number;
}

/** Creates the facts of accounts on an hourly schedule; the same options give the same facts. */
export function makeFacts(options: FactsOptions): Facts {
  const { from, hours, assets } = options;
  const outages = outagesOf(options);
  const failedRuns = failedRunsOf(options);
  return {
    accounts: assets.map((count, at) => {
      const expected = Array.from({ length: hours }, (_, hour) => from + hour * HOUR);
      const records = [...accountRecords(options, count, at, outages)].sort((a, b) => a.slot - b.slot);
      return { accountId: accountIdOf(at), records, expected, failedRuns };
    }),
    schedules: [{ expression: `cron(${new Date(from).getUTCMinutes()} * * * ? *)`, timezone: "UTC", since: from }],
    from,
    to: from + (hours - 1) * HOUR,
  };
}

/**
 * Returns the facts of an account that comes, fails, goes and returns: every attempt before its start failed, and it has no
 * record before its first attempt, nor between its end and its return.
 */
export function comingAndGoing(
  account: AccountFacts,
  at: { readonly attempt: number; readonly start: number; readonly end: number; readonly back: number },
): AccountFacts {
  const records = account.records
    .filter(({ slot }) => slot >= at.attempt && (slot < at.end || slot >= at.back))
    .map((record): RecordFact => {
      if (record.status === "failed" || record.slot >= at.start) return record;
      const { slot, trigger } = record;
      const [code, message] = ["api_not_found", "The API knows no such account (404)."];
      return { status: "failed", trigger, slot, code, message, attempts: 1, lastTriedAt: slot + MINUTE };
    });
  return { ...account, records, ends: [{ slot: at.end, reason: "The configuration no longer has the account." }] };
}

/** Returns the facts without scheduled runs. */
export function manualOnly(facts: Facts): Facts {
  const accounts = facts.accounts.map(({ failedRuns: _, ...account }) => ({
    ...account,
    records: account.records.filter(({ trigger }) => trigger === "manual"),
  }));
  return { ...facts, accounts };
}

export function accountIdOf(at: number): string {
  return `account_fac7000${at}-9846-4fe7-bfe9-ccc22d935114`;
}

/** Returns the hours without a run: some single hours, and one outage of up to two days. */
function outagesOf({ seed, hours, kind, incidentRate = 1 }: FactsOptions): ReadonlySet<number> {
  if (kind === "typical") return new Set();
  const random = randomOf(seed * 7919 + 13);
  const all = Array.from({ length: hours }, (_, hour) => hour);
  const single = new Set(all.filter(() => random() < 0.01 * incidentRate));
  return new Set(all.filter((hour) => (single.has(hour) || isLongOutage(hour, hours)) && !isCalm(hour, hours)));
}

/**
 * Returns runs that failed as a whole: of all accounts, after an attempt that failed for another reason, and of the last
 * account. Those in hours with records of the accounts' own explain nothing.
 */
function failedRunsOf({ from, hours, assets, kind }: FactsOptions): FailedRunFact[] {
  if (kind === "typical") return [];
  const last = accountIdOf(assets.length - 1);
  return Array.from({ length: hours }, (_, hour) => hour).flatMap((hour): FailedRunFact[] => {
    if (isCalm(hour, hours)) return [];
    const scheduled = { slot: from + hour * HOUR, trigger: "schedule" } as const;
    const manual = { slot: scheduled.slot + 13 * MINUTE + 7, trigger: "manual" } as const;
    const failed = { code: "key_not_json", message: "The key is not JSON." };
    const earlier = { code: "api_unauthorized", message: "The API rejected the key (401)." };
    return [
      ...(hour % 9 === 4 ? [runOf(scheduled, "all", failed, 2), runOf(scheduled, "all", earlier, 1)] : []),
      ...(hour % 9 === 7 ? [runOf(scheduled, [last], failed, 1)] : []),
      ...(hour % 50 === 10 ? [runOf(manual, [last], failed, 1)] : []),
    ];
  });
}

function runOf(
  run: Pick<FailedRunFact, "slot" | "trigger">,
  scope: FailedRunFact["scope"],
  error: Pick<FailedRunFact, "code" | "message">,
  minutes: number,
): FailedRunFact {
  return { ...run, scope, ...error, failedAt: run.slot + minutes * MINUTE };
}

/** The long outage, shortly before the middle of the history, also has no manual runs. */
function isLongOutage(hour: number, hours: number): boolean {
  const begin = Math.floor(hours * 0.45);
  return hours > 100 && hour >= begin && hour < begin + Math.min(55, hours / 4);
}

/** The first hour and the last three have no incidents, so that both ends are known. */
function isCalm(hour: number, hours: number): boolean {
  return hour < 1 || hour >= hours - 3;
}

/** Yields an account's records, hour by hour, each followed by the manual run of its hour. */
function* accountRecords(
  { seed, from, hours, kind = "odd", incidentRate = 1 }: FactsOptions,
  count: number,
  at: number,
  outages: ReadonlySet<number>,
): Generator<RecordFact> {
  const random = randomOf(seed * 31 + at * 1_000_003 + 1);
  const portfolio = kind === "odd" ? oddPortfolio(random, count, hours) : typicalPortfolio(random, count);
  const taken = new Set<number>();
  // No two completions of an account share a millisecond, because then neither would be the later one.
  const unique = (ms: number): number => {
    let free = ms;
    while (taken.has(free)) free++;
    taken.add(free);
    return free;
  };
  for (let hour = 0; hour < hours; hour++) {
    const slot = from + hour * HOUR;
    const holdings = portfolio(hour);
    const promptly = slot + between(random, 200, 3000);
    const prompt: RecordFact = {
      ...{ status: "complete", trigger: "schedule", slot, holdings },
      ...{ capturedAt: promptly, completedAt: unique(promptly + 300) },
    };
    const chance = random() / incidentRate;
    if (isLongOutage(hour, hours) && kind === "odd") continue;
    if (kind === "typical" || isCalm(hour, hours)) {
      yield prompt;
      continue;
    }
    let untilMinute = 57;
    if (!outages.has(hour) && chance >= 0.01) {
      if (chance < 0.03) yield failureOf(random, slot, "schedule");
      else if (chance < 0.07) {
        untilMinute = between(random, 2, 60);
        const capturedAt = slot + untilMinute * MINUTE + between(random, -MINUTE, MINUTE);
        // A run takes 15 minutes at most.
        const completedAt = unique(capturedAt + between(random, 0, 14 * MINUTE));
        yield { ...prompt, capturedAt, completedAt, holdings: portfolio(hour + 0.5) };
      } else yield prompt;
    }
    // Manual runs are more likely while a slot is late.
    const byHand = random() / incidentRate < (untilMinute === 57 ? 0.05 : 0.5);
    if (byHand) yield manualRecord(random, slot, untilMinute, portfolio(hour + 0.7), unique);
  }
}

function manualRecord(
  random: Random,
  hour: number,
  untilMinute: number,
  holdings: ReadonlyMap<string, HoldingFact>,
  unique: (ms: number) => number,
): RecordFact {
  const slot = hour + between(random, MINUTE, untilMinute * MINUTE);
  if (random() < 0.2) return failureOf(random, slot, "manual");
  const delay = random() < 0.3 ? between(random, MINUTE, 15 * MINUTE) : between(random, 0, 3000);
  const completedAt = unique(slot + delay);
  const capturedAt = completedAt - between(random, 0, delay + 1);
  return { status: "complete", trigger: "manual", slot, capturedAt, completedAt, holdings };
}

function failureOf(random: Random, slot: number, trigger: "schedule" | "manual"): FailureFact {
  const attempts = between(random, 1, 4);
  const [code, message] = [
    ["api_unavailable", 'The API answered 503, "Service Unavailable", 5 times.'],
    ["api_not_found", "The API knows no such account (404)."],
    ["deadline_exceeded", "The function's time was nearly over."],
  ][between(random, 0, 3)] as [string, string];
  return { status: "failed", trigger, slot, code, message, attempts, lastTriedAt: slot + attempts * 60_000 };
}
