import type { Command } from "commander";
import { slotAt } from "../../core/domain/slot.ts";
import { asOf } from "../../core/history/as-of.ts";
import { type Change, changesBetween } from "../../core/history/change.ts";
import { type HistoryOptions, historyCommand, type OpenHistory, withHistory } from "../shared/history-command.ts";
import { DEFAULT_DENOMINATION } from "../shared/known-names.ts";
import { localTime } from "../shared/moment.ts";
import { type Field, printRows } from "../shared/output.ts";
import { type RangeOptions, readRange, withRangeOptions } from "../shared/ranges.ts";
import { reportMissing } from "./latest.ts";

interface Options extends HistoryOptions, RangeOptions {
  readonly denomination: string;
  readonly unchanged?: true;
}

/** A change, and the snapshots that it is between. */
interface ChangeRow extends Change {
  readonly accountId: string;
  readonly fromSlot: string;
  readonly fromCapturedAt: string;
  readonly toSlot: string;
  readonly toCapturedAt: string;
}

/** `changes`: what a reconciliation starts with. */
export function changesCommand(): Command {
  const command = historyCommand(
    "changes",
    "shows per asset what changed between two moments: opened, closed, up, down",
  )
    .option("--denomination <symbol>", "in which values are compared", DEFAULT_DENOMINATION)
    .option("--unchanged", "also the assets whose quantity is the same")
    .action((options: Options) =>
      withHistory(options, (history) =>
        printRows(changeRows(history, options), history.format, fields(options.denomination, history.timezone)).then(
          () => {},
        ),
      ),
    );
  return withRangeOptions(command);
}

async function* changeRows(history: OpenHistory, options: Options): AsyncGenerator<ChangeRow> {
  const { from, to } = readRange(options, history);
  for (const accountId of history.accountIds) {
    // From the first record on, where nothing else was asked for: what it holds was captured a little later.
    const earlier =
      options.from === undefined
        ? await history.reader.oldest(accountId)
        : await asOf(history.reader, accountId, from, history.periodMs({ from, to: from }));
    const later = await asOf(history.reader, accountId, to, history.periodMs({ from: to, to }));
    if (earlier === undefined || later === undefined || earlier.capturedAt > later.capturedAt) {
      reportMissing(`${accountId} has no snapshot from before ${slotAt(earlier === undefined ? from : to)}.`);
      continue;
    }
    for (const change of changesBetween(earlier, later, options.denomination).values()) {
      if (change.state === "unchanged" && !options.unchanged) continue;
      yield {
        ...{ accountId, fromSlot: earlier.slot, fromCapturedAt: earlier.capturedAt },
        ...{ toSlot: later.slot, toCapturedAt: later.capturedAt, ...change },
      };
    }
  }
}

function fields(denomination: string, timezone: string): Field<ChangeRow>[] {
  return [
    { title: "accountId", text: (row) => row.accountId },
    { title: "asset", text: (row) => row.asset },
    { title: "state", text: (row) => row.state },
    { title: "fromTotal", align: "decimal", text: (row) => row.fromTotal },
    { title: "toTotal", align: "decimal", text: (row) => row.toTotal },
    { title: "quantity", align: "decimal", text: (row) => row.quantity },
    { title: "denomination", text: () => denomination },
    { title: "fromValue", align: "decimal", text: (row) => row.fromValue },
    { title: "toValue", align: "decimal", text: (row) => row.toValue },
    { title: "value", align: "decimal", text: (row) => row.value },
    { title: "fromSlot", text: (row) => localTime(row.fromSlot, timezone) },
    { title: "fromCapturedAt", text: (row) => localTime(row.fromCapturedAt, timezone) },
    { title: "toSlot", text: (row) => localTime(row.toSlot, timezone) },
    { title: "toCapturedAt", text: (row) => localTime(row.toCapturedAt, timezone) },
  ];
}
