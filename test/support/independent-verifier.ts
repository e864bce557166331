// A verifier as an auditor would write it: from docs/verify.md only, without the project's code.
import { createHash } from "node:crypto";
import { type AttributeValue, type DynamoDBClient, paginateScan } from "@aws-sdk/client-dynamodb";

// biome-ignore lint/suspicious/noExplicitAny: any content of the table.
type Json = any;
/** `place`: the number of an entry, or the slot of a snapshot. */
export type Wrong = { accountId: string; place: number | string; what: string };

const [HOUR, RUN, MINUTE] = [3_600_000, 900_000, 60_000];
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
const isInstant = (text: Json) => !Number.isNaN(Date.parse(text)) && new Date(text).toISOString() === text;
const isHash = (text: Json) => /^[0-9a-f]{64}$/.test(text);
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
  const schedules = under("catalog").flatMap(({ slot, latenessLimitMs }) => {
    const [kind, since, key] = slot.split(" ");
    return kind === "schedule" ? { slot: since, key, latenessLimitMs } : [];
  });
  return [...ids].flatMap((id) => {
    const snapshots = under(id).filter(({ status }) => status !== "failed");
    const ofAccount = heads.filter(({ accountId }) => accountId === id);
    const [chain, events] = [under(`${id}#chain`), under("catalog").filter(({ slot }) => slot.startsWith(`${id} `))];
    return [
      ...verifyAccount(id, chain, snapshots, under(`${id}#parts`), ofAccount, now),
      ...verifyTimes(id, chain, snapshots, events, schedules, now),
    ];
  });
}

function verifyAccount(accountId: string, chain: Json[], all: Json[], parts: Json[], heads: Json[], now: number) {
  const wrong: Wrong[] = [];
  const report = (place: number | string, what: string) => wrong.push({ accountId, place, what });
  const snapshots = new Map(all.map((snapshot) => [snapshot.slot, snapshot]));
  const effective = new Map<string, Json>();
  let [next, previous, latest] = [1, "0".repeat(64), 0];
  for (const { hash, ...entry } of chain) {
    const { slot: number, forSlot, digest, capturedAt, chainedAt, keptUntil, previous: link } = entry;
    const hasForm = [forSlot, capturedAt, chainedAt, keptUntil ?? chainedAt].every(isInstant);
    if (!hasForm || ![digest, link, hash].every(isHash)) report(Number(number), "the entry is malformed");
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
  for (const snapshot of all) {
    const { slot, digest, status, capturedAt, completedAt } = snapshot;
    if (digest !== snapshotDigest(snapshot, parts)) report(slot, "the snapshot does not match its digest");
    if (status !== "complete" || ![slot, capturedAt, completedAt].every(isInstant))
      report(slot, "the snapshot is malformed");
  }
  for (const { sequence, hash } of heads) {
    if (chain.find(({ slot }) => Number(slot) === sequence)?.hash !== hash)
      report(sequence, "the entry differs from a head that was kept");
  }
  return wrong;
}

/** Returns the schedules of each API key that served an account, with those that apply to all keys. */
function schedulesByKey(events: Json[], schedules: Json[]): Json[][] {
  const named = (all: Json[]) => [...new Set(all.flatMap(({ key }) => key ?? []))];
  const keys = named(events).length > 0 ? named(events) : named(schedules);
  if (keys.length === 0) return [schedules];
  return keys.map((one) => schedules.filter(({ key }) => key === undefined || key === one));
}

/** When snapshots were completed and appended, and when the account counts. */
function verifyTimes(accountId: string, chain: Json[], all: Json[], events: Json[], schedules: Json[], now: number) {
  const wrong: Wrong[] = [];
  const report = (place: string, what: string) => wrong.push({ accountId, place, what });
  const appended = new Map(chain.toReversed().map(({ forSlot, chainedAt }) => [forSlot, Date.parse(chainedAt)]));
  const order = (one: Json) => `${one.completedAt} ${one.slot}`;
  const snapshots = all.filter(({ completedAt }) => completedAt).sort((a, b) => (order(a) < order(b) ? -1 : 1));
  for (const [at, { slot, completedAt }] of snapshots.entries()) {
    const next = snapshots.find((one, n) => n > at && one.slot > slot);
    const due = next ? Date.parse(next.completedAt) + RUN : Number.POSITIVE_INFINITY;
    if ((appended.get(slot) ?? now) > due) report(slot, "the snapshot was not appended in time");
    const completed = Date.parse(completedAt);
    const limits = schedulesByKey(events, schedules).flatMap((own) =>
      own.map((schedule, n) => {
        const begins = n === 0 ? 0 : Date.parse(schedule.slot) - MINUTE;
        const ends = Date.parse(own[n + 1]?.slot ?? "9999") + schedule.latenessLimitMs + RUN;
        return begins <= completed && completed <= ends ? schedule.latenessLimitMs : 0;
      }),
    );
    const after = completed - Date.parse(slot);
    if (schedules.length > 0 && (after < -MINUTE || after > Math.max(...limits) + RUN))
      report(slot, "the snapshot was completed at another time");
  }
  const periods: { since: string; from: string; until?: string; to?: string }[] = [];
  for (const { slot: sort, at } of events) {
    const [, slot, event] = sort.split(" ");
    const last = periods.at(-1);
    const open = last !== undefined && last.until === undefined;
    if (event === "start" && !open) periods.push({ since: slot, from: at });
    if (event === "end" && open) Object.assign(last, { until: slot, to: at });
  }
  const slots = new Set([...all.map(({ slot }) => slot), ...chain.map(({ forSlot }) => forSlot)]);
  const completions = new Map(snapshots.map(({ slot, completedAt }) => [slot, completedAt]));
  for (const { since, from, until, to } of periods) {
    if (!slots.has(since)) report(since, "the account starts without a snapshot");
    else if (Date.parse(completions.get(since) ?? from) !== Date.parse(from))
      report(since, "the account starts at another time");
    if (until && to && Date.parse(to) < Date.parse(until) - MINUTE) report(until, "the account ends before its end");
  }
  const hidden = [...slots].sort().filter((slot) => {
    const at = completions.get(slot);
    return !periods.some(
      ({ since, from, until = "z", to = "z" }) => (slot >= since && slot < until) || (at && at >= from && at < to),
    );
  });
  if (hidden.length > 1) report(hidden[0], "the account does not count at the time of its snapshots");
  return wrong;
}
