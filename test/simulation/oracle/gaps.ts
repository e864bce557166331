import { type Facts, type Write, writesOf } from "./facts.ts";
import { periodsOf } from "./periods.ts";
import { slotsInForce, versionsOf } from "./schedules.ts";
import { type Answer, parseLines } from "./snapshots.ts";

/** A run can take this long, so a slot without a record is a gap only after it. */
const MAX_RUN_MS = 15 * 60_000;

/** A row of `gaps`, as far as it is judged. */
interface GapRow {
  readonly accountId: string;
  readonly slot: string;
  readonly trigger: string;
  readonly code: string;
}

/** Judges `gaps`: every slot without a snapshot, with its reason, no other slot, and the exit code. */
export function judgeGaps(facts: Facts, now: number, { stdout, code }: Answer): string[] {
  const rows: GapRow[] = parseLines(stdout);
  const expected = facts.accounts.flatMap(({ accountId }) => gapsOf(facts, accountId, now));
  const text = ({ accountId, slot, trigger, code }: GapRow) => `${accountId} ${slot} ${trigger} ${code}`;
  const [shown, due] = [new Set(rows.map(text)), new Set(expected.map(text))];
  const pending = facts.accounts.some(({ accountId }) => periodsOf(facts, accountId).isPending);
  const exitCode = Number(pending || expected.some(({ trigger }) => trigger === "schedule"));
  return [
    ...[...due].filter((gap) => !shown.has(gap)).map((gap) => `gaps lacks ${gap}`),
    ...[...shown].filter((gap) => !due.has(gap)).map((gap) => `gaps invents ${gap}`),
    ...(rows.length === shown.size ? [] : ["gaps shows a gap twice"]),
    ...(code === exitCode ? [] : [`gaps ends with ${code}, expected ${exitCode}`]),
  ];
}

/** Returns the gaps of an account, and its manual runs that failed. */
function gapsOf(facts: Facts, accountId: string, now: number): GapRow[] {
  return expectedSlots(facts, accountId, now)
    .filter(({ isComplete }) => !isComplete)
    .map(({ slot, trigger, code }) => ({ accountId, slot, trigger, code }));
}

/** A slot of the schedule while the account counts, or a manual run that failed. */
interface ExpectedSlot {
  readonly slot: string;
  readonly trigger: string;
  readonly isComplete: boolean;
  /** Why it is a gap. */
  readonly code: string;
}

/** Returns the slots that `gaps` knows of, in no particular order. */
function expectedSlots(facts: Facts, accountId: string, now: number): ExpectedSlot[] {
  const versions = versionsOf(facts);
  const stored = writesOf(facts, "complete").filter((write) => write.accountId === accountId);
  const complete = new Set(stored.map(({ slot }) => slot));
  // A record of a scheduled run counts as a slot, also if another schedule is in force at its time now.
  const records = [
    ...stored.filter(({ trigger }) => trigger === "schedule").map(({ slot, trigger }) => ({ slot, trigger, code: "" })),
    ...failuresOf(facts, accountId),
  ];
  return periodsOf(facts, accountId).periods.flatMap(({ since, until }) => {
    const end = until === undefined ? now : Date.parse(until) - 1;
    const slots = slotsInForce(versions, Date.parse(since), Math.min(end, now - MAX_RUN_MS)).map((slot) =>
      new Date(slot).toISOString(),
    );
    const expected = new Map(slots.map((slot) => [slot, { slot, trigger: "schedule", code: "not_run" }]));
    for (const record of records) {
      const { slot } = record;
      const isManual = record.trigger === "manual" && (complete.has(slot) || expected.has(slot));
      if (slot >= since && Date.parse(slot) <= end && !isManual) expected.set(slot, record);
    }
    return [...expected.values()].map((one) => ({ ...one, isComplete: complete.has(one.slot) }));
  });
}

/** Returns why slots failed: by the account's own last record, or else by the last run that failed as a whole. */
function failuresOf(facts: Facts, accountId: string): { slot: string; trigger: string; code: string }[] {
  const runs = writesOf(facts, "failedRun").filter(({ scope }) => isIn(scope, accountId));
  const own = writesOf(facts, "failed").filter((write) => write.accountId === accountId);
  const failures = [...runs, ...own].map(({ slot, trigger, code }) => [slot, { slot, trigger, code }] as const);
  return [...new Map(failures).values()];
}

function isIn(scope: Extract<Write, { kind: "failedRun" }>["scope"], accountId: string): boolean {
  if (typeof scope === "string") return scope === "all";
  if (!("first" in scope)) return scope.includes(accountId);
  const isAfter = accountId >= scope.first;
  const isBefore = accountId <= scope.last;
  return scope.first <= scope.last ? isAfter && isBefore : isAfter || isBefore;
}
