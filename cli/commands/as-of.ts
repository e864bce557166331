import { type Command, Option } from "commander";
import { InputError } from "../../core/domain/errors.ts";
import { slotAt } from "../../core/domain/slot.ts";
import type { Snapshot } from "../../core/domain/snapshot.ts";
import { nominalMs, parseDuration } from "../../core/history/duration.ts";
import { labelOf } from "../shared/account-names.ts";
import { duration } from "../shared/counted.ts";
import { type Clock, localTime, parseDateTime, readClock } from "../shared/date-time.ts";
import { type CommandContext, historyCommand, type ValueOptions, withHistory } from "../shared/history-command.ts";
import { accountsAt, whyInactive } from "../shared/inactive-accounts.ts";
import { DEFAULT_DENOMINATION } from "../shared/name-checks.ts";
import { reportFailure } from "../shared/output.ts";
import { printSnapshots } from "../shared/print-snapshots.ts";

interface Options extends ValueOptions {
  readonly at: string;
  /** In milliseconds. */
  readonly maxAge?: number;
}

export function asOfCommand(): Command {
  return historyCommand("as-of", "shows the holdings at a given time, from the last snapshot completed before it")
    .requiredOption("--at <time>", "an instant, or now; a date means the end of that day. Not in the future")
    .addOption(
      new Option(
        "--max-age <duration>",
        "maximum age of the snapshot, such as 2h (default: the age of the second-to-last scheduled slot)",
      ).argParser(readMaxAge),
    )
    .option("--denomination <symbol>", "show and sort values in this denomination", DEFAULT_DENOMINATION)
    .action((given: Options) => {
      const clock = readClock(given);
      const at = parseDateTime(given.at, { option: "--at", edge: "end", ...clock });
      assertNotInFuture(at, given.at, clock);
      return withHistory(given, (context, options) => showAsOf(context, options, at), clock);
    });
}

async function showAsOf(context: CommandContext, options: Options, at: number): Promise<void> {
  const { history, timezone } = context;
  const requestedTime = localTime(slotAt(at), timezone);
  const maxAgeMs = options.maxAge ?? history.ageOfPenultimateSlotMs(at);
  const snapshots: Snapshot[] = [];
  for (const accountId of accountsAt(context, at)) {
    if (!history.isActive(accountId, at)) {
      reportFailure(whyInactive(context, accountId, at));
      continue;
    }
    const snapshot = await history.asOf(accountId, at);
    const ageMs = snapshot && at - Date.parse(snapshot.capturedAt);
    if (snapshot === undefined || ageMs === undefined) {
      reportFailure(`${labelOf(history, accountId)} has no snapshot before ${requestedTime}, although it has started.`);
    } else if (ageMs > maxAgeMs) {
      const oldest = localTime(slotAt(at - maxAgeMs), timezone);
      reportFailure(
        `${labelOf(history, accountId)}: the last snapshot before ${requestedTime} was captured ${duration(ageMs)} earlier, at ` +
          `${localTime(snapshot.capturedAt, timezone)}. The maximum age requires one since ${oldest}. To accept it, use a ` +
          "longer --max-age.",
      );
    } else snapshots.push(snapshot);
  }
  await printSnapshots(snapshots, context, options.denomination, at);
}

/** Parses the value of `--max-age`, in milliseconds. @throws InputError */
function readMaxAge(text: string): number {
  const duration = parseDuration(text);
  if (duration !== undefined) return nominalMs(duration);
  throw new InputError("usage", [
    `--max-age: "${text}" is not a valid duration. Expected a number and a unit: 15min, 1h, 1d, 1w, 1mo or 1y.`,
  ]);
}

/** The balances at a time in the future are unknown: today's must not be shown for it. */
function assertNotInFuture(at: number, given: string, { now, timezone }: Clock): void {
  if (at <= now) return;
  const [time, present] = [at, now].map((ms) => localTime(slotAt(ms), timezone));
  throw new InputError("usage", [
    `--at: "${given}" means ${time}, which is in the future: it is now ${present}. For the newest snapshot, use --at now.`,
  ]);
}
