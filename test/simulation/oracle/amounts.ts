import { isDeepStrictEqual } from "node:util";
import { type Facts, type RunFact, writesOf } from "./facts.ts";
import type { SeenSnapshot } from "./snapshots.ts";
import type { TrueAccount } from "./truth.ts";

/**
 * Judges what was stored: exactly the snapshots that the table accepted, each once, with amounts that were true while they
 * were read, to the last digit.
 * @param before what was judged at an earlier time, which must not have changed since
 */
export function judgeSnapshots(
  facts: Facts,
  snapshots: readonly SeenSnapshot[],
  before: readonly SeenSnapshot[],
): string[] {
  const stored = writesOf(facts, "complete");
  const problems: string[] = [];
  const keys = new Set<string>();
  for (const { accountId, slot } of stored) {
    const key = `${accountId} ${slot}`;
    if (keys.has(key)) problems.push(`${key} was stored twice`);
    keys.add(key);
  }
  const seen = new Map(snapshots.map((snapshot) => [`${snapshot.accountId} ${snapshot.slot}`, snapshot]));
  problems.push(
    ...[...keys].filter((key) => !seen.has(key)).map((key) => `export lacks the snapshot ${key}`),
    ...[...seen.keys()].filter((key) => !keys.has(key)).map((key) => `export invents the snapshot ${key}`),
  );
  const known = new Map(before.map((snapshot) => [`${snapshot.accountId} ${snapshot.slot}`, snapshot]));
  for (const [index, { accountId, slot, trigger, runs }] of stored.entries()) {
    const snapshot = seen.get(`${accountId} ${slot}`);
    const account = facts.accounts.find((one) => one.accountId === accountId);
    if (snapshot === undefined || account === undefined) continue;
    const earlierSeen = known.get(`${accountId} ${slot}`);
    if (earlierSeen !== undefined) {
      if (!isDeepStrictEqual(earlierSeen, snapshot)) problems.push(`${accountId} ${slot} has changed`);
      continue;
    }
    const earlier = stored.slice(0, index).filter((one) => one.accountId === accountId && one.slot < slot);
    const previousSlot = earlier
      .map((one) => one.slot)
      .sort()
      .at(-1);
    const previous = previousSlot === undefined ? undefined : seen.get(`${accountId} ${previousSlot}`);
    const found = judgeOne(facts, account, snapshot, previous, runs);
    if (snapshot.trigger !== trigger) found.push(`its trigger is ${snapshot.trigger}, stored was ${trigger}`);
    problems.push(...found.map((problem) => `${accountId} ${slot}: ${problem}`));
  }
  return problems;
}

function judgeOne(
  facts: Facts,
  account: TrueAccount,
  snapshot: SeenSnapshot,
  previous: SeenSnapshot | undefined,
  runIds: readonly number[],
): string[] {
  const { capturedAt, completedAt, balances, consistency, slot } = snapshot;
  // A run that was killed after the put has ended; one that stored it and goes on is not known yet.
  const runs = facts.runs.filter(({ run }) => runIds.includes(run));
  const window = trueWindow(facts, snapshot, runs);
  if (window === undefined) return ["it was not captured during a run"];
  const problems: string[] = [];
  if (completedAt < capturedAt) problems.push("it was completed before it was captured");
  if (runs.every(({ configuration: { latenessMs } }) => capturedAt - Date.parse(slot) > latenessMs)) {
    problems.push("its last pass started after the lateness limit");
  }
  const instants = account.instants(window.from, window.to);
  for (const [asset, amounts] of balances) {
    const isTrueAt = (at: number) => {
      const balance = account.exists(at) ? account.balance(asset, at) : undefined;
      return JSON.stringify(sorted(balance?.amount ?? {})) === JSON.stringify(sorted(Object.fromEntries(amounts)));
    };
    if (!instants.some(isTrueAt)) {
      problems.push(`${asset} is ${JSON.stringify(Object.fromEntries(amounts))}, which it never was in this time`);
    }
  }
  // A list whose order moves can hide an asset that the previous snapshot does not have: docs/adr/0006.
  const isStill = instants.every(
    (at) => JSON.stringify(account.balances(at)) === JSON.stringify(account.balances(window.from)),
  );
  for (const { asset } of account.balances(window.from)) {
    const isHeld = instants.every((at) => account.balance(asset.symbol, at) !== undefined);
    const mustBeSeen = isStill || previous?.balances.has(asset.symbol);
    if (isHeld && mustBeSeen && !balances.has(asset.symbol) && consistency === "verified") {
      problems.push(`it lacks ${asset.symbol}, which was held all the time, and is verified`);
    }
  }
  return problems;
}

/** Returns the true times in which a snapshot was read. The function's clock can have been wrong in more than one way. */
function trueWindow(
  { disturbances }: Facts,
  { capturedAt, completedAt }: SeenSnapshot,
  runs: readonly RunFact[],
): { from: number; to: number } | undefined {
  const [from, to] = [Math.min(...runs.map((run) => run.from)), Math.max(...runs.map((run) => run.to))];
  const errors = disturbances
    .filter((one) => one.kind === "clock" && one.from <= to && one.to > from)
    .map(({ errorMs = 0 }) => errorMs);
  const window = { from: capturedAt - Math.max(0, ...errors), to: completedAt - Math.min(0, ...errors) };
  if (errors.length > 0) return { from: Math.max(from, window.from), to: Math.min(to, window.to) };
  return window.from >= from && window.to <= to ? window : undefined;
}

function sorted(amounts: object): [string, unknown][] {
  return Object.entries(amounts).sort(([a], [b]) => (a < b ? -1 : 1));
}
