import { isDeepStrictEqual } from "node:util";
import { sum } from "../../core/domain/amount.ts";
import type { HistoryRecord } from "../../core/domain/history.ts";
import type { RunResult } from "../../core/domain/run-result.ts";
import { verifyAccount } from "../../core/integrity/verify.ts";
import { TABLE_KEYS } from "../../core/names/table-keys.ts";
import { ChainReader } from "../../core/table/chain-reader.ts";
import { Table } from "../../core/table/table.ts";
import { LOCAL_TABLE } from "../../local/dynamodb/embedded-dynamodb.ts";
import { heldBy, heldIn } from "./accounts.ts";
import type { Item, Scene } from "./crash-scene.ts";
import type { Step } from "./crash-step.ts";

/** What a reader sees while a run is under way, or after it. */
export interface Sight {
  readonly scene: Scene;
  /** The run whose doing is looked at, from 0: the last one, or that which had sent a late request. */
  readonly run: number;
  /** When it began, in milliseconds since 1970. */
  readonly startedAt: number;
  /** By account, from the slot on. */
  readonly records: ReadonlyMap<string, readonly HistoryRecord[]>;
  /** Before the run, or before the late request. `undefined`: there was nothing of the slot. */
  readonly before: Moment | undefined;
}

/** A moment at which no run is under way: after a kill, after a run that ended, after a late request was carried out. */
export interface Moment extends Sight {
  /** Of the last run. */
  readonly steps: readonly Step[];
  /** The table's. */
  readonly items: readonly Item[];
  /** Of the run that ended; `undefined`: after a kill, and after a late request. */
  readonly report: RunResult | undefined;
}

/** @returns what is wrong, in words; nothing: all is well */
export type Invariant = (moment: Moment) => string[] | Promise<string[]>;

/** What must hold at every moment of a search. A further promise is a further line here. */
export const INVARIANTS: readonly Invariant[] = [once, whole, known, documented, unaltered, ended, chained];

/** A slot has one record, and there is none of any other slot. */
function once({ scene, records }: Moment): string[] {
  return [...records].flatMap(([accountId, seen]) =>
    seen.length > 1 || seen.some(({ slot }) => slot !== scene.slot)
      ? [`${accountId} has records of ${seen.map(({ slot }) => slot).join(", ")}`]
      : [],
  );
}

/** A complete snapshot is what the API showed to one run: that which was there already, or else to the one that is looked at. */
export function whole({ scene, run, startedAt, records, before }: Sight): string[] {
  return [...records].flatMap(([accountId, [record]]) => {
    if (record?.status !== "complete") return [];
    const earlier = before?.records.get(accountId)?.[0];
    if (earlier?.status === "complete") {
      return isDeepStrictEqual(earlier, record) ? [] : [`${accountId}: a reader sees another snapshot than before`];
    }
    const { snapshot } = record;
    const shown = scene.shown(accountId, run);
    if (!shown || !isDeepStrictEqual(heldIn(snapshot), heldBy(shown))) {
      return [`${accountId}: the snapshot is not what the API showed to run ${run}`];
    }
    const usd = shown.balances.map(({ amount }) => amount["usd"]?.total ?? "0");
    const asTold =
      snapshot.assets === usd.length && snapshot.totals.get("usd")?.total === sum(usd) && snapshot.slot === scene.slot;
    const captured = Date.parse(snapshot.capturedAt);
    const inTime = startedAt <= captured && captured <= Date.parse(snapshot.completedAt);
    return [
      ...(asTold ? [] : [`${accountId}: the snapshot tells of itself what its balances do not`]),
      ...(inTime ? [] : [`${accountId}: captured ${snapshot.capturedAt}, in a run that began ${startedAt}`]),
    ];
  });
}

/** Who sees a record finds its account, and who sees a snapshot what its assets are; in the end every account is there. */
async function known({ scene, run, records, report }: Moment): Promise<string[]> {
  const accounts = await scene.reader.accounts();
  const complete = [...records].filter(([, [record]]) => record?.status === "complete");
  const assets = complete.length > 0 ? await scene.assets() : new Map();
  const described = complete.flatMap(([accountId]) => scene.shown(accountId, run)?.balances ?? []);
  const unknown = [...records].filter(([accountId, seen]) => (seen.length > 0 || report) && !accounts.has(accountId));
  return [
    ...unknown.map(([accountId]) => `${accountId} is not among the accounts`),
    ...[...accounts.keys()].filter((id) => !scene.accountIds.includes(id)).map((id) => `${id} is an account`),
    ...described
      .filter(({ asset }) => !isDeepStrictEqual(assets.get(asset.symbol), asset))
      .map(({ asset }) => `${asset.symbol} is not described`),
  ];
}

const ACCOUNT = "account_[a-f0-9-]{36}";
const SLOT = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z`;

/** The records that the design knows, by partition and sort key. */
const DOCUMENTED = [
  [ACCOUNT, SLOT],
  [`${ACCOUNT}#parts`, `${SLOT}#[a-f0-9-]{36}#\\d{4}`],
  [`${ACCOUNT}#chain`, String.raw`\d{10}`],
  ["accounts", ACCOUNT],
  ["assets", `\\S+ ${SLOT}`],
  ["schedules", SLOT],
].map(([partition, sort]) => new RegExp(`^${partition} / ${sort}$`));

/** There is nothing in the table but what the design knows, put there by the one way of writing that it knows. */
function documented({ items, steps }: Moment): string[] {
  return [
    ...items.map(nameOf).filter((name) => !DOCUMENTED.some((form) => form.test(name))),
    ...steps.flatMap(({ writes, kind }) => (writes !== undefined && !kind.startsWith("PutItem ") ? [kind] : [])),
  ].map((what) => `${what} is not documented`);
}

/** What was there is there, byte for byte; only a failed attempt may have given way to another record. */
function unaltered({ scene, before, items }: Moment): string[] {
  const now = new Map(items.map((item) => [nameOf(item), item]));
  return (before?.items ?? scene.atFirst)
    .filter((item) => item["status"]?.S !== "failed" && !isDeepStrictEqual(now.get(nameOf(item)), item))
    .map((item) => `${nameOf(item)} was altered or removed`);
}

/** A run that comes to its end does what is missing, and nothing else. No failure is recorded of what did not fail. */
function ended({ records, report, before, run, scene, steps }: Moment): string[] {
  return [...records].flatMap(([accountId, [record]]) => {
    const shown = scene.shown(accountId, run);
    if (report === undefined) {
      const someFailed = Array.from({ length: run + 1 }, (_, one) => one).some((one) => !scene.shown(accountId, one));
      const isOfNone = record?.status === "failed" && !someFailed;
      return isOfNone ? [`${accountId}: a failed attempt, and no walk failed`] : [];
    }
    const outcome = report.snapshots.find((snapshot) => snapshot.accountId === accountId)?.outcome;
    const isWalked = steps.some(({ walks }) => walks === accountId);
    const wasComplete = before?.records.get(accountId)?.[0]?.status === "complete";
    const missing = shown ? "complete" : "failed";
    const expected = wasComplete ? ["alreadyComplete", "complete", false] : [missing, missing, true];
    return isDeepStrictEqual([outcome, record?.status, isWalked], expected)
      ? []
      : [`${accountId} ended as ${outcome}, ${isWalked ? "after a walk" : "without a walk"}`];
  });
}

/** When a run has ended, every snapshot is in its account's chain, and every chain is sound. */
async function chained({ scene, records, report }: Moment): Promise<string[]> {
  if (report === undefined) return [];
  const chains = new ChainReader(new Table(scene.table, LOCAL_TABLE));
  const verified = [...records.keys()].map((accountId) => verifyAccount(chains, accountId, [], Date.now()));
  return (await Promise.all(verified)).flatMap(({ accountId, findings }) =>
    findings.map(({ code, message }) => `${accountId}: ${code}: ${message}`),
  );
}

export function nameOf(item: Item): string {
  return `${item[TABLE_KEYS.partition]?.S} / ${item[TABLE_KEYS.sort]?.S}`;
}
