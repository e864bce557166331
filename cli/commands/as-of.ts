import type { Command } from "commander";
import { slotAt } from "../../core/domain/slot.ts";
import type { Snapshot } from "../../core/domain/snapshot.ts";
import { nominalMs } from "../../core/history/steps.ts";
import { localTime } from "../shared/date-time.ts";
import { duration } from "../shared/format/duration.ts";
import { type HistoryOptions, historyCommand, withHistory } from "../shared/history-command.ts";
import { DEFAULT_DENOMINATION } from "../shared/name-checks.ts";
import { reportMissing } from "../shared/output.ts";
import { printSnapshots } from "../shared/print-snapshots.ts";
import { readInterval } from "../shared/range-options.ts";

interface Options extends HistoryOptions {
  readonly at: string;
  readonly maxAge?: string;
  readonly denomination: string;
}

/** Creates `as-of`, which shows what was held at a given time, unless the last snapshot is too old to answer. */
export function asOfCommand(): Command {
  return historyCommand("as-of", "shows what was held at a given time, from the last snapshot captured before it")
    .requiredOption("--at <time>", "an instant; a date means the end of that day")
    .option(
      "--max-age <duration>",
      "refuse a snapshot older than this (90min, 2h, 1d; default: the age of the slot before last)",
    )
    .option("--denomination <symbol>", "show and sort values in this denomination", DEFAULT_DENOMINATION)
    .action((options: Options) =>
      withHistory(options, async (context) => {
        const { history, accountIds, timezone } = context;
        const at = context.dateTime("--at", options.at, "end");
        const askedFor = localTime(slotAt(at), timezone);
        const maxAgeMs =
          options.maxAge === undefined
            ? history.ageOfPenultimateSlotMs(at)
            : nominalMs(readInterval("--max-age", options.maxAge, "duration"));
        const snapshots: Snapshot[] = [];
        for (const accountId of accountIds) {
          const snapshot = await history.asOf(accountId, at);
          const ageMs = snapshot && at - Date.parse(snapshot.capturedAt);
          if (snapshot === undefined || ageMs === undefined) {
            reportMissing(
              `${accountId} has no snapshot before ${askedFor}; its first record is for ${history.firstSlot(accountId)}.`,
            );
          } else if (ageMs > maxAgeMs) {
            reportMissing(
              `${accountId}: the last snapshot before ${askedFor} was captured ${duration(ageMs)} earlier, at ` +
                `${localTime(snapshot.capturedAt, timezone)}: too old to show what was held. Use --max-age to accept it.`,
            );
          } else snapshots.push(snapshot);
        }
        await printSnapshots(snapshots, context, options.denomination, at);
      }),
    );
}
