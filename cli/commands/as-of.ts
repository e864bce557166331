import { type Command, Option } from "commander";
import { pMapIterable } from "p-map";
import { InputError } from "../../core/domain/errors.ts";
import { slotAt } from "../../core/domain/slot.ts";
import { nominalMs, parseDuration } from "../../core/history/duration.ts";
import type { AccountHolding } from "../../core/history/sum-rows.ts";
import { type Clock, localTime, parseDateTime, readClock } from "../shared/date-time.ts";
import {
  type CommandContext,
  historyCommand,
  READ_CONCURRENCY,
  type ValueOptions,
  withHistory,
} from "../shared/history-command.ts";
import { accountsAt, whyInactive } from "../shared/inactive-accounts.ts";
import { DEFAULT_DENOMINATION } from "../shared/name-checks.ts";
import { reportFailure } from "../shared/output.ts";
import { byOption, holdingOf, printHoldings, type SumOptions } from "../shared/print-sums.ts";
import { whyNoSnapshot, whyTooOld } from "../shared/unknown-balances.ts";

interface Options extends ValueOptions, SumOptions {
  readonly at: string;
  /** In milliseconds. */
  readonly maxAge?: number;
}

export function asOfCommand(): Command {
  return historyCommand("as-of")
    .requiredOption("--at <time>", "an instant, or now; a date means the end of that day. Not in the future")
    .addOption(
      new Option(
        "--max-age <duration>",
        "maximum age of the snapshot, such as 2h (default: the age of the second-to-last scheduled slot)",
      ).argParser(readMaxAge),
    )
    .option("--denomination <symbol>", "show and sort values in this denomination", DEFAULT_DENOMINATION)
    .addOption(byOption())
    .action((given: Options) => {
      const clock = readClock(given);
      const at = parseDateTime(given.at, { option: "--at", edge: "end", ...clock });
      assertNotInFuture(at, given.at, clock);
      return withHistory(given, (context, options) => showAsOf(context, options, at), clock);
    });
}

async function showAsOf(context: CommandContext, options: Options, at: number): Promise<void> {
  const { history } = context;
  const accounts: AccountHolding[] = [];
  const read = async (accountId: string) => ({
    accountId,
    snapshot: history.isActive(accountId, at) ? await history.asOf(accountId, at) : undefined,
  });
  for await (const { accountId, snapshot } of pMapIterable(accountsAt(context, at), read, {
    concurrency: READ_CONCURRENCY,
  })) {
    if (!history.isActive(accountId, at)) {
      reportFailure(whyInactive(context, accountId, at));
      continue;
    }
    const maxAgeMs = options.maxAge ?? history.ageOfPenultimateSlotMs(accountId, at);
    const isAccepted = snapshot !== undefined && history.isFresh(snapshot, at, maxAgeMs);
    accounts.push(holdingOf(context, accountId, isAccepted ? snapshot : undefined, at));
    if (snapshot === undefined) reportFailure(whyNoSnapshot(context, accountId, at));
    else if (!isAccepted) {
      reportFailure(whyTooOld(context, snapshot, at, maxAgeMs, "To accept it, use a longer --max-age."));
    }
  }
  await printHoldings(accounts, context, options, at);
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
