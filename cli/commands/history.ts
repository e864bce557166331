import type { Command } from "commander";
import type { SlotRange } from "../../core/domain/history-source.ts";
import { slotAt } from "../../core/domain/slot.ts";
import { type HoldingRow, holdingRow } from "../../core/history/holding-row.ts";
import type { Step } from "../../core/history/steps.ts";
import { localTime } from "../shared/date-time.ts";
import { type CommandContext, historyCommand, type ValueOptions, withHistory } from "../shared/history-command.ts";
import { reportInactive, whyInactive } from "../shared/inactive-accounts.ts";
import { DEFAULT_DENOMINATION } from "../shared/name-checks.ts";
import { columns, decimalColumns, type Field, printRows, reportMissing, timeColumns } from "../shared/output.ts";
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

async function* everySnapshot(context: CommandContext, range: SlotRange, options: Options) {
  const { history, accountIds, selected, timezone } = context;
  const without = new Set(accountIds);
  for (const accountId of accountIds) {
    for await (const snapshot of history.completed(accountId, range)) {
      without.delete(accountId);
      yield holdingRow(accountId, options.asset, snapshot, options.denomination);
    }
  }
  // What is unknown must not look like "nothing held".
  if (!selected && without.size < accountIds.length) return;
  const [from, to] = [range.from, range.to].map((ms) => localTime(slotAt(ms), timezone));
  for (const accountId of without) {
    reportMissing(
      history.isActive(accountId, range.to)
        ? `${accountId} has no snapshot that was completed from ${from} to ${to}.`
        : whyInactive(context, accountId, range.to),
    );
  }
}

async function* everyStep(context: CommandContext, steps: readonly Step[], options: Options) {
  const { history, accountIds } = context;
  for (const accountId of accountIds) {
    for await (const { step, snapshot, active } of history.series(accountId, steps)) {
      if (active) yield holdingRow(accountId, options.asset, snapshot, options.denomination, step);
    }
  }
  reportInactive(context, steps);
}

function fields({ every, denomination }: Options, timezone: string): Field<HoldingRow>[] {
  return [
    ...(every === undefined ? [] : stepColumns<HoldingRow>(timezone)),
    ...timeColumns<HoldingRow>(timezone, "slot", "capturedAt", "completedAt"),
    ...columns<HoldingRow>("accountId", "asset", "state"),
    ...decimalColumns<HoldingRow>("available", "total", "hold"),
    { title: "denomination", text: () => denomination },
    { title: "valueAvailable", align: "decimal", text: (row) => row.values[denomination]?.available },
    { title: "valueTotal", align: "decimal", text: (row) => row.values[denomination]?.total },
  ];
}
