import type { Command } from "commander";
import type { SlotRange } from "../../core/domain/history-source.ts";
import { slotAt } from "../../core/domain/slot.ts";
import { type Change, changesBetween } from "../../core/history/changes.ts";
import { alteredField, denominationField, type Field, fieldsOf, withDropOrder } from "../shared/fields.ts";
import { type CommandContext, historyCommand, type ValueOptions } from "../shared/history-command.ts";
import { whyInactive } from "../shared/inactive-accounts.ts";
import { DEFAULT_DENOMINATION } from "../shared/name-checks.ts";
import { printNote, printRows, reportFailure } from "../shared/output.ts";
import { type RangeOptions, withRange, withRangeOptions } from "../shared/range-options.ts";

interface Options extends ValueOptions, RangeOptions {
  readonly unchanged?: true;
}

interface ChangeRow extends Change {
  readonly accountId: string;
  /** Whether the snapshot at one end does not match its digest. */
  readonly altered: boolean;
  readonly fromSlot: string;
  readonly fromCapturedAt: string;
  readonly fromCompletedAt: string;
  readonly toSlot: string;
  readonly toCapturedAt: string;
  readonly toCompletedAt: string;
}

export function changesCommand(): Command {
  const command = historyCommand(
    "changes",
    "shows what changed between two times, by asset: opened, closed, up or down",
  )
    .option("--denomination <symbol>", "compare values in this denomination", DEFAULT_DENOMINATION)
    .option("--unchanged", "include assets whose quantity did not change")
    .action((given: Options) =>
      withRange(given, async (context, options, range) => {
        await printRows(changeRows(context, options, range), context, fields(context, options));
      }),
    );
  return withRangeOptions(command);
}

async function* changeRows(
  context: CommandContext,
  options: Options,
  { from, to }: SlotRange,
): AsyncGenerator<ChangeRow> {
  const { history, accountIds } = context;
  let compared = 0;
  for (const accountId of accountIds) {
    // The default start is the slot of the first snapshot, which was completed a little later: take the oldest snapshot.
    const earlier = options.from === undefined ? await history.oldest(accountId) : await history.asOf(accountId, from);
    const later = await history.asOf(accountId, to);
    // What an account held before its start, and holds after its end, is unknown: that is no change.
    const unknownAt = [...(options.from === undefined ? [] : [from]), to].find(
      (at) => !history.isActive(accountId, at),
    );
    if (unknownAt !== undefined) {
      const report = context.selected ? reportFailure : printNote;
      report(whyInactive(context, accountId, unknownAt));
      continue;
    }
    if (earlier === undefined || later === undefined || earlier.completedAt > later.completedAt) {
      reportFailure(`${accountId} has no snapshot before ${slotAt(earlier === undefined ? from : to)}.`);
      continue;
    }
    compared++;
    for (const change of changesBetween(earlier, later, options.denomination).values()) {
      if (change.state === "unchanged" && !options.unchanged) continue;
      yield {
        accountId,
        ...{ fromSlot: earlier.slot, fromCapturedAt: earlier.capturedAt, fromCompletedAt: earlier.completedAt },
        ...{ toSlot: later.slot, toCapturedAt: later.capturedAt, toCompletedAt: later.completedAt },
        ...change,
        altered: [earlier, later].some(({ altered }) => altered),
      };
    }
  }
  // No rows must not look like "nothing changed".
  if (compared === 0) process.exitCode = 1;
}

function fields(context: CommandContext, { denomination }: Options): Field<ChangeRow>[] {
  const quantities = { fromTotal: "decimal", toTotal: "decimal", quantity: "decimal" } as const;
  const start = { fromSlot: "time", fromCapturedAt: "time", fromCompletedAt: "time" } as const;
  const end = { toSlot: "time", toCapturedAt: "time", toCompletedAt: "time" } as const;
  const fields: Field<ChangeRow>[] = [
    ...fieldsOf<ChangeRow>({ accountId: "account", asset: "text", state: "text", ...quantities }, context),
    denominationField(denomination),
    ...fieldsOf<ChangeRow>({ fromValue: "decimal", toValue: "decimal", value: "decimal", ...start, ...end }, context),
    alteredField(),
  ];
  return withDropOrder(
    fields,
    ["fromCapturedAt", "fromCompletedAt", "toCapturedAt", "toCompletedAt"],
    ["fromTotal", "fromValue"],
    ["toTotal", "toValue"],
    ["state"],
    ["fromSlot", "toSlot"],
  );
}
