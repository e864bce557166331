import type { Command } from "commander";
import type { SlotRange } from "../../core/domain/history-source.ts";
import { type HoldingRow, holdingRow } from "../../core/history/holding-row.ts";
import type { Step } from "../../core/history/steps.ts";
import { type CommandContext, historyCommand, type ValueOptions, withHistory } from "../shared/history-command.ts";
import { DEFAULT_DENOMINATION } from "../shared/name-checks.ts";
import { columns, decimalColumns, type Field, printRows, timeColumns } from "../shared/output.ts";
import { type RangeOptions, readRange, withRangeOptions } from "../shared/range-options.ts";
import { everyOption, readInterval, readSteps, stepColumns } from "../shared/step-options.ts";

interface Options extends ValueOptions, RangeOptions {
  readonly asset: string;
  readonly every?: string;
}

export function assetHistoryCommand(): Command {
  const command = historyCommand("history", "shows one asset over time: held, absent, unsettled or a gap")
    .requiredOption("--asset <symbol>", "the asset")
    .addOption(everyOption("show the last snapshot of each interval (default: every snapshot)"))
    .option("--denomination <symbol>", "show values in this denomination", DEFAULT_DENOMINATION)
    .action((given: Options) =>
      withHistory(given, async (context, options) => {
        const range = readRange(options, context);
        const { every } = options;
        const steps = every === undefined ? undefined : readSteps(options, context, range, readInterval(every));
        const rows = steps === undefined ? everySnapshot(context, range, options) : everyStep(context, steps, options);
        await printRows(rows, context.format, fields(options, context.timezone));
      }),
    );
  return withRangeOptions(command);
}

async function* everySnapshot({ history, accountIds }: CommandContext, range: SlotRange, options: Options) {
  for (const accountId of accountIds) {
    for await (const snapshot of history.captured(accountId, range)) {
      yield holdingRow(accountId, options.asset, snapshot, options.denomination);
    }
  }
}

async function* everyStep({ history, accountIds }: CommandContext, steps: readonly Step[], options: Options) {
  for (const accountId of accountIds) {
    for await (const { step, snapshot, active } of history.series(accountId, steps)) {
      if (active) yield holdingRow(accountId, options.asset, snapshot, options.denomination, step);
    }
  }
}

function fields({ every, denomination }: Options, timezone: string): Field<HoldingRow>[] {
  return [
    ...(every === undefined ? [] : stepColumns<HoldingRow>(timezone)),
    ...timeColumns<HoldingRow>(timezone, "slot", "capturedAt"),
    ...columns<HoldingRow>("accountId", "asset", "state"),
    ...decimalColumns<HoldingRow>("available", "total", "hold"),
    { title: "denomination", text: () => denomination },
    { title: "valueAvailable", align: "decimal", text: (row) => row.values[denomination]?.available },
    { title: "valueTotal", align: "decimal", text: (row) => row.values[denomination]?.total },
  ];
}
