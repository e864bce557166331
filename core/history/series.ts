import { pMapIterable } from "p-map";
import { type CompletionWindow, compareByTime, slotsCompletedIn } from "../domain/completion-window.ts";
import type { HistorySource } from "../domain/history-source.ts";
import type { Snapshot } from "../domain/snapshot.ts";
import { asOf } from "./as-of.ts";
import type { SeenRecords } from "./seen-records.ts";
import type { Step } from "./steps.ts";

/** A step and the last snapshot completed since the step before; `undefined` is a gap. */
export interface SeriesPoint {
  readonly step: Step;
  readonly snapshot: Snapshot | undefined;
  /** True for a gap that may only be temporary: the step is open, and the snapshot before it is not too old. */
  readonly pending: boolean;
}

interface SeriesOptions {
  /** The schedule's longest period around the steps, in milliseconds; 0 without a schedule. */
  readonly periodMs: number;
  /** Of the slots whose snapshot can have been completed in the whole series, or at a time. */
  readonly window: CompletionWindow;
  readonly windowAt: (ms: number) => CompletionWindow;
  /** Returns whether a snapshot is new enough to show what was held at a time. */
  readonly isFresh: (snapshot: Snapshot, at: number) => boolean;
  /** Keeps the records; then every record is read, also for steps far apart. */
  readonly seen?: SeenRecords | undefined;
}

/** One `asOf` reads about this many records. Steps further apart than that are cheaper one by one. */
const RECORDS_PER_AS_OF = 4;
const AS_OF_CONCURRENCY = 16;

/**
 * Streams an account's snapshots at steps, ascending. A snapshot belongs to one step at most: a step without one is a
 * gap, never a copy of an earlier snapshot. So is a step whose last snapshot is too old at its end.
 */
export async function* series(
  source: HistorySource,
  accountId: string,
  steps: readonly Step[],
  options: SeriesOptions,
): AsyncGenerator<SeriesPoint> {
  const isFresh = (snapshot: Snapshot | undefined, { at }: Step) =>
    snapshot !== undefined && options.isFresh(snapshot, at);
  for await (const { step, snapshot } of readLast(source, accountId, steps, options)) {
    const mayCome = step.open && snapshot === undefined;
    const pending = mayCome && isFresh(await asOf(source, accountId, step.at, options.windowAt), step);
    yield { step, snapshot: isFresh(snapshot, step) ? snapshot : undefined, pending };
  }
}

/** A step and the last snapshot completed in it. */
type Last = Omit<SeriesPoint, "pending">;

function readLast(
  source: HistorySource,
  accountId: string,
  steps: readonly Step[],
  { periodMs, window, windowAt, seen }: SeriesOptions,
) {
  const spanMs = (steps.at(-1)?.at ?? 0) - (steps[0]?.after ?? 0);
  const isSparse = seen === undefined && periodMs > 0 && spanMs / steps.length / periodMs > RECORDS_PER_AS_OF;
  return isSparse
    ? readStepByStep(source, accountId, steps, windowAt)
    : readAllRecords(source, accountId, steps, window, seen);
}

async function* readStepByStep(
  source: HistorySource,
  accountId: string,
  steps: readonly Step[],
  windowAt: SeriesOptions["windowAt"],
): AsyncGenerator<Last> {
  const readPoint = async (step: Step): Promise<Last> => {
    const snapshot = await asOf(source, accountId, step.at, windowAt);
    return { step, snapshot: snapshot && Date.parse(snapshot.completedAt) > step.after ? snapshot : undefined };
  };
  yield* pMapIterable(steps, readPoint, { concurrency: AS_OF_CONCURRENCY });
}

async function* readAllRecords(
  source: HistorySource,
  accountId: string,
  steps: readonly Step[],
  window: CompletionWindow,
  seen: SeenRecords | undefined,
): AsyncGenerator<Last> {
  const [first, last] = [steps[0], steps.at(-1)];
  if (first === undefined || last === undefined) return;
  /** The snapshots of the few steps that later records can still change. */
  const found = new Map<Step, Snapshot>();
  let next = 0;
  const takeStepsBefore = (ms: number): Last[] => {
    const points: Last[] = [];
    for (let step = steps[next]; step !== undefined && step.at < ms; step = steps[++next]) {
      points.push({ step, snapshot: found.get(step) });
      found.delete(step);
    }
    return points;
  };
  const range = slotsCompletedIn({ from: first.after, to: last.at }, window);
  for await (const record of seen?.read(source, accountId, range) ?? source.records(accountId, range)) {
    // No later record was completed before this: the steps up to here are final.
    yield* takeStepsBefore(Date.parse(record.slot) - window.beforeMs);
    if (record.status === "failed") continue;
    const { snapshot } = record;
    const completedAt = Date.parse(snapshot.completedAt);
    let at = next;
    while (steps[at] !== undefined && (steps[at] as Step).at < completedAt) at++;
    const step = steps[at];
    const earlier = step && found.get(step);
    const isLater = earlier === undefined || compareByTime(snapshot, earlier) > 0;
    if (step !== undefined && completedAt > step.after && isLater) found.set(step, snapshot);
  }
  yield* takeStepsBefore(Number.POSITIVE_INFINITY);
}
