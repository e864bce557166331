import type { Command } from "commander";
import { InputError } from "../../core/domain/errors.ts";
import type { SlotRange } from "../../core/domain/history-source.ts";
import { slotAt } from "../../core/domain/slot.ts";
import { type Clock, parseDateTime, parseStart, readClock } from "./date-time.ts";
import { type CommandContext, type HistoryOptions, withHistory } from "./history-command.ts";
import { UsageProblems } from "./usage-problems.ts";

export interface RangeOptions {
  readonly from?: string;
  readonly to?: string;
}

export function withRangeOptions(command: Command, defaultFrom = "the first snapshot"): Command {
  return command
    .option("--from <time>", `start of the range; a date means the start of that day (default: ${defaultFrom})`)
    .option("--to <time>", "end of the range; a date means the end of that day (default: now)");
}

/**
 * Runs `work` like `withHistory`, with the range of `--from` and `--to`.
 * @param defaultFrom the value of `--from` by default; without it, the range starts at the first record
 * @throws InputError
 */
export async function withRange<Options extends HistoryOptions & RangeOptions, T>(
  options: Options,
  work: (context: CommandContext, options: Options, range: SlotRange) => Promise<T>,
  defaultFrom?: string,
): Promise<T> {
  const clock = readClock(options);
  const { from, to } = readRange({ ...options, from: options.from ?? defaultFrom }, clock);
  const workInRange = (context: CommandContext, given: Options) => {
    const range = { from: from ?? firstRecordAt(context), to };
    assertOrder(range, options);
    return work(context, given, range);
  };
  return withHistory(options, workInRange, clock);
}

/** Returns the range of the options, without a start if `--from` is not given. @throws InputError */
export function readRange(
  options: { readonly from?: string | undefined; readonly to?: string | undefined },
  clock: Clock,
): { readonly from: number | undefined; readonly to: number } {
  const problems = new UsageProblems();
  const { from: start, to: end = "now" } = options;
  const from = start === undefined ? undefined : problems.attempt(() => parseStart("--from", start, clock));
  const to = problems.attempt(() => parseDateTime(end, { option: "--to", edge: "end", ...clock })) ?? clock.now;
  problems.assertNone();
  assertOrder({ from: from ?? to, to }, options);
  return { from, to };
}

function assertOrder({ from, to }: SlotRange, options: { readonly to?: string | undefined }): void {
  if (from <= to) return;
  const end = `${slotAt(to)}${options.to === undefined ? ", now" : ""}`;
  throw new InputError("usage", [`--from (${slotAt(from)}) is after --to (${end}). Give an earlier --from.`]);
}

/**
 * Returns the slot of the selected accounts' first record, or when the first snapshot was completed if that is earlier: the
 * function's clock can be behind the schedule's. Milliseconds since 1970.
 */
export function firstRecordAt({ accountIds, history }: CommandContext): number {
  const completed = accountIds.flatMap((id) => history.activity(id).periods[0]?.from ?? []);
  return Math.min(...accountIds.map((id) => Date.parse(history.firstSlot(id))), ...completed);
}
