import type { Command } from "commander";
import { InputError } from "../../core/domain/errors.ts";
import { slotAt } from "../../core/domain/slot.ts";
import type { Snapshot } from "../../core/domain/snapshot.ts";
import { asOf } from "../../core/history/as-of.ts";
import { nominalMs, parseEvery } from "../../core/history/steps.ts";
import { slotRule } from "../../core/schedule/slot-rule.ts";
import { duration } from "../shared/format/duration.ts";
import { type HistoryOptions, historyCommand, type OpenHistory, withHistory } from "../shared/history-command.ts";
import { DEFAULT_DENOMINATION } from "../shared/known-names.ts";
import { printSnapshots, reportMissing } from "./latest.ts";

interface Options extends HistoryOptions {
  readonly at: string;
  readonly maxAge?: string;
  readonly denomination: string;
}

/** `as-of`: what was held at a moment, if a snapshot is near enough to say it. */
export function asOfCommand(): Command {
  return historyCommand("as-of", "shows what was held at a moment: the last snapshot that was captured until then")
    .requiredOption("--at <moment>", "an instant; a date means the close of that day")
    .option(
      "--max-age <duration>",
      "refuse an older snapshot than that (1h, 2d; default: from the last slot but one on)",
    )
    .option("--denomination <symbol>", "in which values are shown and sorted", DEFAULT_DENOMINATION)
    .action((options: Options) =>
      withHistory(options, async (history) => {
        const at = history.moment("--at", options.at, "end");
        const periodMs = history.periodMs({ from: at, to: at });
        const maxAgeMs = readMaxAge(options.maxAge, history, at);
        const snapshots: Snapshot[] = [];
        for (const accountId of history.accountIds) {
          const snapshot = await asOf(history.reader, accountId, at, periodMs);
          const age = snapshot && at - Date.parse(snapshot.capturedAt);
          if (snapshot === undefined || age === undefined) {
            reportMissing(
              `${accountId} has no snapshot from before ${slotAt(at)}; its first record is of ${history.since.get(accountId)}.`,
            );
          } else if (age > maxAgeMs) {
            reportMissing(
              `${accountId}: the last snapshot before ${slotAt(at)} was captured ${duration(age)} earlier, ${snapshot.capturedAt}: ` +
                `too old to say what was held then. --max-age takes it all the same.`,
            );
          } else snapshots.push(snapshot);
        }
        await printSnapshots(snapshots, history, options.denomination, at);
      }),
    );
}

function readMaxAge(text: string | undefined, { schedules }: OpenHistory, at: number): number {
  const rule = schedules.findLast(({ since }, index) => index === 0 || Date.parse(since) <= at);
  // Without a schedule no age is known to be too old: the answer tells it.
  if (text === undefined) return (rule && slotRule(rule)?.ageOfPenultimateSlotMs(at)) ?? Number.POSITIVE_INFINITY;
  const every = parseEvery(text);
  if (every === undefined) {
    throw new InputError("usage", [`--max-age: "${text}" is no duration. Give one like 90min, 2h, 1d or 1mo.`]);
  }
  return nominalMs(every);
}
