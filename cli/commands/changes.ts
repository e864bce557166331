import { type Command, Option } from "commander";
import { InputError } from "../../core/domain/errors.ts";
import type { SlotRange } from "../../core/domain/history-source.ts";
import { type Change, changesBetween } from "../../core/history/changes.ts";
import { type AccountNames, namesAt } from "../shared/account-names.ts";
import { comparedAccounts } from "../shared/compared-accounts.ts";
import { alteredField, denominationField, type Field, fieldsOf, withDropOrder } from "../shared/fields.ts";
import { type CommandContext, historyCommand, type ValueOptions } from "../shared/history-command.ts";
import { DEFAULT_DENOMINATION } from "../shared/name-checks.ts";
import { printRows } from "../shared/output.ts";
import { rankingFields, rankingRows } from "../shared/print-ranking.ts";
import { type RangeOptions, withRange, withRangeOptions } from "../shared/range-options.ts";

interface Options extends ValueOptions, RangeOptions {
  readonly unchanged?: true;
  readonly by?: "value";
  readonly top?: number;
  readonly perAccount?: true;
}

/** With the names of the account at the end of the range. */
interface ChangeRow extends Change, AccountNames {
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
  const command = historyCommand("changes")
    .option("--denomination <symbol>", "compare values in this denomination", DEFAULT_DENOMINATION)
    .option("--unchanged", "include assets whose quantity did not change; --by value always does")
    .addOption(
      new Option("--by <what>", "rank assets by the change in value, over all accounts together, with a total").choices(
        ["value"],
      ),
    )
    .addOption(new Option("--top <count>", "with --by value: show only the largest changes").argParser(readTop))
    .option("--per-account", "with --by value: rank each account separately")
    .action((given: Options) => {
      assertRanking(given);
      return withRange(given, showChanges);
    });
  return withRangeOptions(command);
}

async function showChanges(context: CommandContext, options: Options, range: SlotRange): Promise<void> {
  if (options.by === "value") {
    await printRows(rankingRows(context, options, range), context, rankingFields(context, options));
  } else {
    await printRows(changeRows(context, options, range), context, fields(context, options));
  }
}

async function* changeRows(context: CommandContext, options: Options, range: SlotRange): AsyncGenerator<ChangeRow> {
  const assets = await context.history.assets();
  for await (const { earlier, later } of comparedAccounts(context, options, range)) {
    for (const change of changesBetween(earlier, later, options.denomination, assets).values()) {
      if (change.state === "unchanged" && !options.unchanged) continue;
      yield {
        accountId: earlier.accountId,
        ...namesAt(context.history, earlier.accountId, later.completedAt),
        ...{ fromSlot: earlier.slot, fromCapturedAt: earlier.capturedAt, fromCompletedAt: earlier.completedAt },
        ...{ toSlot: later.slot, toCapturedAt: later.capturedAt, toCompletedAt: later.completedAt },
        ...change,
        altered: [earlier, later].some(({ altered }) => altered),
      };
    }
  }
}

function fields(context: CommandContext, { denomination }: Options): Field<ChangeRow>[] {
  const quantities = { fromTotal: "decimal", toTotal: "decimal", quantity: "decimal" } as const;
  const prices = { quantityPercent: "decimal", fromPrice: "decimal", toPrice: "decimal" } as const;
  const values = { fromValue: "decimal", toValue: "decimal", value: "decimal", valuePercent: "decimal" } as const;
  const effects = { quantityEffect: "decimal", priceEffect: "decimal" } as const;
  const start = { fromSlot: "time", fromCapturedAt: "time", fromCompletedAt: "time" } as const;
  const end = { toSlot: "time", toCapturedAt: "time", toCompletedAt: "time" } as const;
  const fields: Field<ChangeRow>[] = [
    ...fieldsOf<ChangeRow>({ accountId: "account", asset: "text", state: "text", ...quantities, ...prices }, context),
    denominationField(denomination),
    ...fieldsOf<ChangeRow>({ ...values, ...effects, ...start, ...end }, context),
    alteredField(),
  ];
  return withDropOrder(
    fields,
    ["fromCapturedAt", "fromCompletedAt", "toCapturedAt", "toCompletedAt"],
    ["fromPrice", "toPrice", "quantityPercent", "valuePercent"],
    ["fromTotal", "fromValue"],
    ["toTotal", "toValue"],
    ["state"],
    ["fromSlot", "toSlot"],
    ["quantityEffect", "priceEffect"],
  );
}

/** Parses the value of `--top`. @throws InputError */
function readTop(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InputError("usage", [`--top: "${text}" is not a valid count. Expected a whole number from 1.`]);
}

/** @throws InputError for an option that only a ranking has */
function assertRanking({ by, top, perAccount }: Options): void {
  if (by !== undefined) return;
  const option = top !== undefined ? "--top" : perAccount ? "--per-account" : undefined;
  if (option === undefined) return;
  throw new InputError("usage", [`${option} is for a ranking. Add --by value.`]);
}
