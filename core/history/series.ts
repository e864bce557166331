import type { HistorySource } from "../domain/history.ts";
import { CLOCK_TOLERANCE_MS } from "../domain/slot.ts";
import type { Snapshot } from "../domain/snapshot.ts";
import { asOf, LONGEST_RUN_MS } from "./as-of.ts";
import type { Step } from "./steps.ts";

/** What was held at a step: the last complete snapshot captured since the step before; without one, a gap. */
export interface SeriesPoint {
  readonly step: Step;
  readonly snapshot: Snapshot | undefined;
}

/** "As of" reads about this many records. A series whose steps are further apart is cheaper step by step. */
const RECORDS_PER_LOOK = 4;
const LOOKS_AT_ONCE = 16;

/**
 * An account's snapshots at steps, ascending; streamed. Each snapshot is shown at one step at most: a step without one of
 * its own is a gap, never a copy of what was before.
 * @param periodMs the longest period that the schedule ever had; 0 without one
 */
export function series(
  source: HistorySource,
  accountId: string,
  steps: Iterable<Step>,
  periodMs: number,
): AsyncGenerator<SeriesPoint> {
  const list = [...steps];
  const [first, second] = list;
  const sparse = first && second && periodMs > 0 && (second.at - first.at) / periodMs > RECORDS_PER_LOOK;
  return sparse
    ? stepByStep(source, accountId, list, periodMs)
    : throughAll(source, accountId, list, Math.max(periodMs, LONGEST_RUN_MS));
}

async function* stepByStep(
  source: HistorySource,
  accountId: string,
  steps: readonly Step[],
  periodMs: number,
): AsyncGenerator<SeriesPoint> {
  const ahead: Promise<SeriesPoint>[] = [];
  for (const step of steps) {
    const point = asOf(source, accountId, step.at, periodMs).then((snapshot) => ({
      step,
      snapshot: snapshot && Date.parse(snapshot.capturedAt) > step.after ? snapshot : undefined,
    }));
    // Whoever stops consuming never looks at those read ahead.
    point.catch(() => {});
    ahead.push(point);
    if (ahead.length >= LOOKS_AT_ONCE) yield (await ahead.shift()) as SeriesPoint;
  }
  for (const point of ahead) yield await point;
}

async function* throughAll(
  source: HistorySource,
  accountId: string,
  steps: readonly Step[],
  periodMs: number,
): AsyncGenerator<SeriesPoint> {
  const [first, last] = [steps[0], steps.at(-1)];
  if (first === undefined || last === undefined) return;
  /** The snapshots of steps that are not settled yet: of the next few, never of all. */
  const found = new Map<Step, Snapshot>();
  let next = 0;
  const settle = (until: number): SeriesPoint[] => {
    const settled: SeriesPoint[] = [];
    for (let step = steps[next]; step !== undefined && step.at < until; step = steps[++next]) {
      settled.push({ step, snapshot: found.get(step) });
      found.delete(step);
    }
    return settled;
  };
  // A slot from before the first step can have been captured after it, by a period at most.
  for await (const record of source.records(accountId, {
    from: first.after - periodMs,
    to: last.at + CLOCK_TOLERANCE_MS,
  })) {
    // Nothing is captured before its slot, but for what clocks differ: the steps before this record's are settled.
    yield* settle(Date.parse(record.slot) - CLOCK_TOLERANCE_MS);
    if (record.status === "failed") continue;
    const { snapshot } = record;
    const capturedAt = Date.parse(snapshot.capturedAt);
    let at = next;
    while (steps[at] !== undefined && (steps[at] as Step).at < capturedAt) at++;
    const step = steps[at];
    const earlier = step && found.get(step);
    const isLater = earlier === undefined || Date.parse(earlier.capturedAt) < capturedAt;
    if (step !== undefined && capturedAt > step.after && isLater) found.set(step, snapshot);
  }
  yield* settle(Number.POSITIVE_INFINITY);
}
