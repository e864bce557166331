// A verifier as an auditor would write it: from docs/verify.md only, without the project's code.
import { createHash } from "node:crypto";
import { type AttributeValue, type DynamoDBClient, paginateScan } from "@aws-sdk/client-dynamodb";

// biome-ignore lint/suspicious/noExplicitAny: any content of the table.
type Json = any;
/** `place`: the number of an entry, or the slot of a snapshot. */
export type Wrong = { accountId: string; place: number | string; what: string };

const HOUR = 3_600_000;
const canonical = (value: Json): string => {
  if (typeof value !== "object") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonical)}]`;
  const members = Object.keys(value).sort();
  return `{${members.map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`)}}`;
};
const digestOf = (value: Json) => createHash("sha256").update(canonical(value)).digest("hex");
const json = ({ S, N, L, M }: AttributeValue): Json => {
  if (S !== undefined) return S;
  if (L !== undefined) return L.map(json);
  if (M !== undefined) return Object.fromEntries(Object.entries(M).map(([name, value]) => [name, json(value)]));
  return Number.isSafeInteger(Number(N)) ? Number(N) : "not a value that the job writes";
};
const seconds = (instant: string | undefined) => instant && Date.parse(instant) / 1000;

function snapshotDigest({ digest, expiresAt, parts, partsId, ...content }: Json, ofAccount: Json[]): string {
  if (partsId === undefined) return digestOf(content);
  const own = ofAccount.filter(({ slot }) => slot.startsWith(`${content.slot}#${partsId}#`));
  const assets = own.flatMap(({ balances }) => Object.entries(balances ?? {}));
  const balances = Object.fromEntries(assets);
  const isWhole = own.length === parts && Object.keys(balances).length === assets.length;
  return isWhole && content.balances === undefined ? digestOf({ ...content, balances }) : "none";
}

/** Returns what is wrong in a table. @param heads lines of `verify --head` @param now milliseconds since 1970 */
export async function verifyIndependently(client: DynamoDBClient, TableName: string, heads: Json[], now: number) {
  const partitions: Record<string, Json[]> = {};
  for await (const { Items = [] } of paginateScan({ client }, { TableName, ConsistentRead: true })) {
    for (const item of Items.map((M) => json({ M }))) {
      partitions[item.account] = [...(partitions[item.account] ?? []), item];
    }
  }
  const under = (name: string) => (partitions[name] ?? []).sort((a, b) => (a.slot < b.slot ? -1 : 1));
  const ids = new Set([
    ...under("catalog").flatMap(({ slot }) => (slot.startsWith("account_") ? slot.split(" ")[0] : [])),
    ...heads.map(({ accountId }) => accountId),
  ]);
  return [...ids].flatMap((id) => {
    const snapshots = under(id).filter(({ status }) => status !== "failed");
    const ofAccount = heads.filter(({ accountId }) => accountId === id);
    return verifyAccount(id, under(`${id}#chain`), snapshots, under(`${id}#parts`), ofAccount, now);
  });
}

function verifyAccount(accountId: string, chain: Json[], all: Json[], parts: Json[], heads: Json[], now: number) {
  const wrong: Wrong[] = [];
  const report = (place: number | string, what: string) => wrong.push({ accountId, place, what });
  const snapshots = new Map(all.map((snapshot) => [snapshot.slot, snapshot]));
  const effective = new Map<string, Json>();
  let [next, previous, latest] = [1, "0".repeat(64), 0];
  for (const { hash, ...entry } of chain) {
    const { slot: number, forSlot, digest, capturedAt, keptUntil } = entry;
    const isNext = number === String(next).padStart(10, "0");
    const isIntact = hash === digestOf(entry);
    const isFirst = !effective.has(forSlot);
    if (!isNext) report(next, `the sequence number is ${number}`);
    if (!isIntact) report(Number(number), "the entry was altered");
    if (isNext && entry.previous !== previous) report(next, "the entry does not link to the previous one");
    if (!isFirst && effective.get(forSlot).digest !== digest)
      report(next, "the slot has another digest in an earlier entry");
    [next, previous] = [Number(number) + 1, hash];
    if (!isFirst) continue;
    effective.set(forSlot, entry);
    const captured = Date.parse(capturedAt);
    if (captured < latest - HOUR) report(Number(number), "the snapshot was chained late");
    latest = captured < latest - HOUR ? captured : Math.max(latest, captured);
    const snapshot = snapshots.get(forSlot);
    if (snapshot === undefined && !(Date.parse(keptUntil) <= now)) report(Number(number), "the snapshot was removed");
    if (snapshot === undefined || !isIntact) continue;
    const isSame = digest === snapshotDigest(snapshot, parts) && capturedAt === snapshot.capturedAt;
    if (!isSame || seconds(keptUntil) !== snapshot.expiresAt) report(Number(number), "the snapshot was altered");
  }
  const captures = all.map(({ capturedAt }) => Date.parse(capturedAt));
  const passed = Math.max(...captures) - HOUR;
  const ended = chain.length === 0 ? 0 : Date.parse(chain.at(-1).capturedAt) - HOUR;
  for (const snapshot of all) {
    const { slot, capturedAt, digest } = snapshot;
    if (digest !== snapshotDigest(snapshot, parts)) report(slot, "the snapshot does not match its digest");
    if (effective.has(slot)) continue;
    const captured = Date.parse(capturedAt);
    if (captured < ended || captured < passed) report(slot, "the snapshot is not in the chain");
  }
  for (const { sequence, hash } of heads) {
    if (chain.find(({ slot }) => Number(slot) === sequence)?.hash !== hash)
      report(sequence, "the entry differs from a head that was kept");
  }
  return wrong;
}
