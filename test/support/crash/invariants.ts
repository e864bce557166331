import { isDeepStrictEqual } from "node:util";
import { sum } from "../../../core/domain/amount.ts";
import type { HistoryRecord } from "../../../core/domain/history-source.ts";
import type { RunResult } from "../../../core/domain/run-result.ts";
import { verifyAccount } from "../../../core/integrity/verify.ts";
import { TABLE_KEYS } from "../../../core/names/table-keys.ts";
import { ChainReader } from "../../../core/table/chain-reader.ts";
import { HistoryReader } from "../../../core/table/history-reader.ts";
import type { Table } from "../../../core/table/table.ts";
import { heldBy, heldIn } from "../accounts.ts";
import type { Item } from "../world/world.ts";
import type { Step } from "./gate.ts";
import type { Scene } from "./scene.ts";

/** What a reader sees during or after a run. */
export interface View {
  readonly scene: Scene;
  /** The run that made the latest changes, from 0: the last run, or the one that sent a delayed request. */
  readonly run: number;
  /** When that run started, in milliseconds since 1970. */
  readonly startedAt: number;
  /** The records of each account from the slot on. */
  readonly records: ReadonlyMap<string, readonly HistoryRecord[]>;
  /** The state before the run or the delayed request. `undefined` before the first run. */
  readonly before: Checkpoint | undefined;
}

/** The state while no run is active: after a kill, a completed run, or a delayed request. */
export interface Checkpoint extends View {
  /** The steps of the last run. */
  readonly steps: readonly Step[];
  /** What the table held then. */
  readonly table: Table;
  readonly items: readonly Item[];
  /** The result of a completed run; `undefined` after a kill or a delayed request. */
  readonly result: RunResult | undefined;
}

/** Returns a description of every violation. */
export type Invariant = (checkpoint: Checkpoint) => string[] | Promise<string[]>;

/** What must hold at every checkpoint. */
export const INVARIANTS: readonly Invariant[] = [once, whole, cataloged, documented, unchanged, ended, chained];

/** The slot has at most one record per account, and no other slot has any. */
function once({ scene, records }: Checkpoint): string[] {
  return [...records].flatMap(([accountId, seen]) =>
    seen.length > 1 || seen.some(({ slot }) => slot !== scene.slot)
      ? [`${accountId} has records of ${seen.map(({ slot }) => slot).join(", ")}`]
      : [],
  );
}

/** A complete snapshot equals what the API returned to one run. An existing snapshot never changes. */
export function whole({ scene, run, startedAt, records, before }: View): string[] {
  return [...records].flatMap(([accountId, [record]]) => {
    if (record?.status !== "complete") return [];
    const earlier = before?.records.get(accountId)?.[0];
    if (earlier?.status === "complete") {
      return isDeepStrictEqual(earlier, record) ? [] : [`${accountId}: the snapshot has changed`];
    }
    const { snapshot } = record;
    const account = scene.accountInRun(accountId, run);
    if (!account || !isDeepStrictEqual(heldIn(snapshot), heldBy(account))) {
      return [`${accountId}: the snapshot is not what the API returned to run ${run}`];
    }
    const usd = account.balances.map(({ amount }) => amount["usd"]?.total ?? "0");
    const summaryMatches =
      snapshot.assets === usd.length && snapshot.totals.get("usd")?.total === sum(usd) && snapshot.slot === scene.slot;
    const captured = Date.parse(snapshot.capturedAt);
    const inTime = startedAt <= captured && captured <= Date.parse(snapshot.completedAt);
    return [
      ...(summaryMatches ? [] : [`${accountId}: the snapshot's summary does not match its balances`]),
      ...(inTime ? [] : [`${accountId}: captured ${snapshot.capturedAt}, in a run that started at ${startedAt}`]),
    ];
  });
}

/**
 * The account of every failed attempt and the assets of every snapshot are in the catalog. After a completed run, every account
 * is, with its description: an account starts only after its snapshot is stored.
 */
async function cataloged({ scene, run, records, table, result }: Checkpoint): Promise<string[]> {
  const reader = new HistoryReader(table);
  const accounts = await reader.accounts();
  const complete = [...records].filter(([, [record]]) => record?.status === "complete");
  const assets = complete.length > 0 ? await reader.assets() : new Map();
  const described = complete.flatMap(([accountId]) => scene.accountInRun(accountId, run)?.balances ?? []);
  const unknown = [...records].filter(
    ([accountId, [record]]) => (record?.status === "failed" || result) && !accounts.has(accountId),
  );
  // The name is the same in every run, but the walk of the first run may fail.
  const hasName = (accountId: string) =>
    accounts.get(accountId)?.descriptions?.at(-1)?.name === scene.accountInRun(accountId, run + 1)?.name;
  return [
    ...(result ? scene.accountIds : []).filter((id) => !hasName(id)).map((id) => `${id} has another name, or none`),
    ...unknown.map(([accountId]) => `${accountId} is not among the accounts`),
    ...[...accounts.keys()].filter((id) => !scene.accountIds.includes(id)).map((id) => `${id} is an account`),
    ...described
      .filter(({ asset }) => !isDeepStrictEqual(assets.get(asset.symbol), asset))
      .map(({ asset }) => `${asset.symbol} is not described`),
  ];
}

const ACCOUNT = "account_[a-f0-9-]{36}";
const SLOT = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z`;

/** The documented items, by partition and sort key. */
const DOCUMENTED = [
  [ACCOUNT, SLOT],
  [`${ACCOUNT}#parts`, `${SLOT}#[a-f0-9-]{36}#\\d{4}`],
  [`${ACCOUNT}#chain`, String.raw`\d{10}`],
  ["catalog", `${ACCOUNT} ${SLOT} (pending|start|end|described)`],
  ["catalog", String.raw`assets \d{10}`],
  ["catalog", `schedule ${SLOT}`],
  ["catalog", "names"],
].map(([partition, sort]) => new RegExp(`^${partition} / ${sort}$`));

/** The table holds documented items only, and PutItem is the only write. */
function documented({ items, steps }: Checkpoint): string[] {
  return [
    ...items.map(nameOf).filter((name) => !DOCUMENTED.some((form) => form.test(name))),
    ...steps.flatMap(({ writes, kind }) => (writes !== undefined && !kind.startsWith("PutItem ") ? [kind] : [])),
  ].map((what) => `${what} is not documented`);
}

/** No item changes, except that another record may replace a failed attempt, and a run states when it refreshed the names. */
function unchanged({ scene, before, items }: Checkpoint): string[] {
  const now = new Map(items.map((item) => [nameOf(item), item]));
  return (before?.items ?? scene.initialItems)
    .filter((item) => item["status"]?.S !== "failed" && nameOf(item) !== "catalog / names")
    .filter((item) => !isDeepStrictEqual(now.get(nameOf(item)), item))
    .map((item) => `${nameOf(item)} was changed or removed`);
}

/** A completed run does exactly what is missing. A failed attempt is recorded only if a walk failed. */
function ended({ records, result, before, run, scene, steps }: Checkpoint): string[] {
  return [...records].flatMap(([accountId, [record]]) => {
    const account = scene.accountInRun(accountId, run);
    if (result === undefined) {
      const someFailed = Array.from({ length: run + 1 }, (_, one) => one).some(
        (one) => !scene.accountInRun(accountId, one),
      );
      const isUnfounded = record?.status === "failed" && !someFailed;
      return isUnfounded ? [`${accountId}: a failed attempt, and no walk failed`] : [];
    }
    const outcome = result.snapshots.find((snapshot) => snapshot.accountId === accountId)?.outcome;
    const isWalked = steps.some(({ walks }) => walks === accountId);
    const wasComplete = before?.records.get(accountId)?.[0]?.status === "complete";
    const expectedOutcome = account ? "complete" : "failed";
    const expected = wasComplete ? ["alreadyComplete", "complete", false] : [expectedOutcome, expectedOutcome, true];
    return isDeepStrictEqual([outcome, record?.status, isWalked], expected)
      ? []
      : [`${accountId} ended as ${outcome}, ${isWalked ? "after a walk" : "without a walk"}`];
  });
}

/** After a completed run, every snapshot is in its account's chain, and every chain is valid. */
async function chained({ records, table, result }: Checkpoint): Promise<string[]> {
  if (result === undefined) return [];
  const chains = new ChainReader(table);
  const { accounts, schedules } = await chains.catalog();
  const verified = [...records.keys()].map((accountId) => {
    const facts = { activity: accounts.get(accountId), schedules, anchors: [], now: Date.now() };
    return verifyAccount(chains, accountId, facts);
  });
  return (await Promise.all(verified)).flatMap(({ accountId, findings }) =>
    findings.map(({ code, message }) => `${accountId}: ${code}: ${message}`),
  );
}

export function nameOf(item: Item): string {
  return `${item[TABLE_KEYS.partition]?.S} / ${item[TABLE_KEYS.sort]?.S}`;
}
