import type { Command } from "commander";
import type { SlotRange } from "../../core/domain/history-source.ts";
import { slotAt } from "../../core/domain/slot.ts";
import { type HoldingRow, holdingRow } from "../../core/history/holding-row.ts";
import type { Interval } from "../../core/history/interval.ts";
import type { Step } from "../../core/history/steps.ts";
import { labelOf, named } from "../shared/account-names.ts";
import { localTime } from "../shared/date-time.ts";
import { alteredField, denominationField, type Field, fieldsOf, withDropOrder } from "../shared/fields.ts";
import { type CommandContext, historyCommand, type ValueOptions } from "../shared/history-command.ts";
import { reportInactive, whyInactive } from "../shared/inactive-accounts.ts";
import { DEFAULT_DENOMINATION } from "../shared/name-checks.ts";
import { printRows, reportFailure } from "../shared/output.ts";
import { type RangeOptions, withRange, withRangeOptions } from "../shared/range-options.ts";
import { everyOption, readSteps, stepFields } from "../shared/step-options.ts";

interface Options extends ValueOptions, RangeOptions {
  readonly asset: string;
  readonly every?: Interval;
}

export function assetHistoryCommand(): Command {
  const command = historyCommand("history")
    .requiredOption("--asset <symbol>", "the asset")
    .addOption(everyOption("show the last snapshot of each interval (default: every snapshot)"))
    .option("--denomination <symbol>", "show values in this denomination", DEFAULT_DENOMINATION)
    .action((given: Options) =>
      withRange(given, async (context, options, range) => {
        const { every } = options;
        const rows =
          every === undefined
            ? everySnapshot(context, range, options)
            : everyStep(context, readSteps(options, context, range, every), options);
        await printRows(rows, context, fields(context, options));
      }),
    );
  return withRangeOptions(command);
}

async function* everySnapshot(context: CommandContext, range: SlotRange, options: Options) {
  const { history, accountIds, isSelected, timezone } = context;
  const without = new Set(accountIds);
  for (const accountId of accountIds) {
    for await (const snapshot of history.completed(accountId, range)) {
      without.delete(accountId);
      const row = holdingRow(accountId, options.asset, snapshot, options.denomination);
      yield named(history, row, row.completedAt);
    }
  }
  // What is unknown must not look like "nothing held".
  const [from, to] = [range.from, range.to].map((ms) => localTime(slotAt(ms), timezone));
  for (const accountId of without) {
    if (!isSelected(accountId) && without.size < accountIds.length) continue;
    reportFailure(
      history.isActive(accountId, range.to)
        ? `${labelOf(history, accountId)} has no snapshot that was completed from ${from} to ${to}.`
        : whyInactive(context, accountId, range.to),
    );
  }
}

/** Sets the exit code to 1 if a step is a gap, unless its first snapshot is still to come. */
async function* everyStep(context: CommandContext, steps: readonly Step[], options: Options) {
  const { history, accountIds } = context;
  for (const accountId of accountIds) {
    for await (const { step, snapshot, active, pending } of history.series(accountId, steps)) {
      if (!active) continue;
      if (snapshot === undefined && !pending) process.exitCode = 1;
      yield named(history, holdingRow(accountId, options.asset, snapshot, options.denomination, step), step.at);
    }
  }
  reportInactive(context, steps);
}

function fields(context: CommandContext, { every, denomination }: Options): Field<HoldingRow>[] {
  const names = { accountId: "account", asset: "shared", state: "text" } as const;
  const quantities = { available: "decimal", total: "decimal", hold: "decimal" } as const;
  const fields: Field<HoldingRow>[] = [
    ...(every === undefined ? [] : stepFields<HoldingRow>(context.timezone)),
    ...fieldsOf<HoldingRow>(
      { slot: "time", capturedAt: "time", completedAt: "time", ...names, ...quantities },
      context,
    ),
    denominationField(denomination),
    { title: "valueAvailable", kind: "decimal", text: ({ values }) => values[denomination]?.available },
    { title: "valueTotal", kind: "decimal", text: ({ values }) => values[denomination]?.total },
    alteredField(),
  ];
  // Without steps, the slot is the key.
  const slot = every === undefined ? [] : ["slot"];
  return withDropOrder(fields, ["capturedAt", "completedAt"], slot, ["available", "valueAvailable"], ["hold"]);
}
