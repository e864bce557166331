import type { Command } from "commander";
import type { SlotRange } from "../../core/domain/history.ts";
import { slotAt } from "../../core/domain/slot.ts";
import { capturedIn } from "../../core/history/captured.ts";
import { type HoldingRow, holdingRow } from "../../core/history/holdings.ts";
import { series } from "../../core/history/series.ts";
import { type HistoryOptions, historyCommand, type OpenHistory, withHistory } from "../shared/history-command.ts";
import { assertAsset, DEFAULT_DENOMINATION } from "../shared/known-names.ts";
import { localTime } from "../shared/moment.ts";
import { type Field, printRows } from "../shared/output.ts";
import { type RangeOptions, readEvery, readRange, readSteps, withRangeOptions } from "../shared/ranges.ts";

interface Options extends HistoryOptions, RangeOptions {
  readonly asset: string;
  readonly every?: string;
  readonly denomination: string;
}

/** `history`: one asset over time. */
export function historyOfAssetCommand(): Command {
  const command = historyCommand("history", "shows one asset over time: held, absent, or a gap")
    .requiredOption("--asset <symbol>", "the asset")
    .option("--every <distance>", "the last snapshot of each step (1h, 1d, 1mo); default: every snapshot")
    .option("--denomination <symbol>", "in which values are shown", DEFAULT_DENOMINATION)
    .action((options: Options) =>
      withHistory(options, async (history) => {
        const range = readRange(options, history);
        await assertAsset(history, options.asset);
        const { every } = options;
        const rows =
          every === undefined
            ? everySnapshot(history, range, options)
            : everyStep(history, range, { ...options, every });
        await printRows(rows, history.format, fields(options, history.timezone));
      }),
    );
  return withRangeOptions(command);
}

async function* everySnapshot(history: OpenHistory, range: SlotRange, { asset, denomination }: Options) {
  for (const accountId of history.accountIds) {
    for await (const snapshot of capturedIn(history.reader, accountId, range, history.periodMs(range))) {
      yield holdingRow(accountId, asset, snapshot, denomination);
    }
  }
}

async function* everyStep(history: OpenHistory, range: SlotRange, options: Options & { readonly every: string }) {
  const { asset, denomination } = options;
  const steps = readSteps(options, history, range, readEvery(options.every));
  for (const accountId of history.accountIds) {
    for await (const { step, snapshot } of series(history.reader, accountId, steps, history.periodMs(range))) {
      yield holdingRow(accountId, asset, snapshot, denomination, slotAt(step.at));
    }
  }
}

function fields({ every, denomination }: Options, timezone: string): Field<HoldingRow>[] {
  const time = (instant: string | null | undefined) => (instant ? localTime(instant, timezone) : null);
  return [
    ...(every === undefined ? [] : [{ title: "step", text: (row: HoldingRow) => time(row.step) }]),
    { title: "slot", text: (row) => time(row.slot) },
    { title: "capturedAt", text: (row) => time(row.capturedAt) },
    { title: "accountId", text: (row) => row.accountId },
    { title: "asset", text: (row) => row.asset },
    { title: "state", text: (row) => row.state },
    { title: "available", align: "decimal", text: (row) => row.available },
    { title: "total", align: "decimal", text: (row) => row.total },
    { title: "hold", align: "decimal", text: (row) => row.hold },
    { title: "denomination", text: () => denomination },
    { title: "valueAvailable", align: "decimal", text: (row) => row.values[denomination]?.available },
    { title: "valueTotal", align: "decimal", text: (row) => row.values[denomination]?.total },
  ];
}
