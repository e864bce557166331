import { type Command, Option } from "commander";
import type { SlotRange } from "../../core/domain/history-source.ts";
import { slotAt } from "../../core/domain/slot.ts";
import type { Snapshot } from "../../core/domain/snapshot.ts";
import { totalRow } from "../../core/history/total-rows.ts";
import { counted } from "../shared/counted.ts";
import { localTime } from "../shared/date-time.ts";
import { LABEL_WIDTH, lineChart } from "../shared/format/chart.ts";
import { nameText } from "../shared/format/table.ts";
import { wrapFacts, wrapWords } from "../shared/format/wrap.ts";
import { type CommandContext, historyCommand, type ValueOptions } from "../shared/history-command.ts";
import { DEFAULT_DENOMINATION } from "../shared/name-checks.ts";
import { lineWidth, print } from "../shared/output.ts";
import { firstRecordAt, type RangeOptions, withRange, withRangeOptions } from "../shared/range-options.ts";
import { defaultInterval, drawnSteps, readSteps } from "../shared/step-options.ts";

interface Options extends ValueOptions, RangeOptions {
  readonly asset?: string;
}

/** The label and " ┤". */
const AXIS_COLUMNS = LABEL_WIDTH + 2;
const MIN_COLUMNS = 20;

export function chartCommand(): Command {
  const command = historyCommand("chart", [])
    .addOption(
      new Option("--asset <symbol>", "chart the quantity of this asset (default: the total)").conflicts("denomination"),
    )
    .option("--denomination <symbol>", "denomination of the total", DEFAULT_DENOMINATION)
    .action((given: Options) => withRange(given, drawCharts, "-30d"));
  return withRangeOptions(command, "30 days ago");
}

async function drawCharts(context: CommandContext, options: Options, range: SlotRange): Promise<void> {
  for (const accountId of context.accountIds) await drawAccount(context, accountId, options, range);
}

async function drawAccount(
  context: CommandContext,
  accountId: string,
  options: Options,
  range: SlotRange,
): Promise<void> {
  const { to } = range;
  const from = options.from === undefined ? Math.max(range.from, Math.min(firstRecordAt(context), to)) : range.from;
  const columns = Math.max(MIN_COLUMNS, lineWidth() - AXIS_COLUMNS);
  const every = await defaultInterval({ from, to }, context, columns);
  const steps = await drawnSteps(readSteps(options, context, { from, to }, every), context.history, [accountId]);
  const amounts: (string | null)[] = [];
  let altered = 0;
  for await (const { snapshot } of context.history.series(accountId, steps)) {
    if (snapshot?.altered) altered++;
    amounts.push(snapshot === undefined ? null : amountOf(snapshot, options));
  }
  const known = amounts.filter((amount) => amount !== null);
  const title = nameText(options.asset ?? `total ${options.denomination}`);
  const [start, end] = [from, to].map((ms) => localTime(slotAt(ms), context.timezone));
  const { name } = context.history.description(accountId);
  const account = name === undefined ? accountId : `${nameText(name)}, ${accountId}`;
  const facts = [`${account}: ${title}`, `${start} to ${end}`, `one column every ${every.text}`];
  const ends = known.length === 0 ? "" : `first ${known[0]}, last ${known.at(-1)}; `;
  const warning =
    altered === 0 ? "" : `; ${counted(altered, "column")} ALTERED: the snapshot does not match its digest`;
  const legend = `${ends}· = no snapshot or no value${warning}`;
  await print(`${wrapFacts(facts, lineWidth())}\n${lineChart(amounts)}\n${wrapWords(legend, lineWidth())}\n\n`);
}

/** Returns `null` for an asset that is not held, or a total without a price. The total of an empty account is zero. */
function amountOf(snapshot: Snapshot, { asset, denomination }: Options): string | null {
  if (asset === undefined) return totalRow(snapshot.accountId, snapshot, denomination).total;
  return snapshot.balances.get(asset)?.get(asset)?.total ?? null;
}
