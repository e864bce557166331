import type { Command } from "commander";
import type { Snapshot } from "../../core/domain/snapshot.ts";
import { series } from "../../core/history/series.ts";
import { lineChart } from "../shared/format/chart.ts";
import { type HistoryOptions, historyCommand, type OpenHistory, withHistory } from "../shared/history-command.ts";
import { assertAsset, DEFAULT_DENOMINATION } from "../shared/known-names.ts";
import { localTime } from "../shared/moment.ts";
import { print } from "../shared/output.ts";
import { firstRecord, type RangeOptions, readRange, withRangeOptions } from "../shared/ranges.ts";

interface Options extends HistoryOptions, RangeOptions {
  readonly asset?: string;
  readonly denomination: string;
}

const AXIS_COLUMNS = 20;

/** `chart`: one asset's quantity, or the total, as a line in the terminal. */
export function chartCommand(): Command {
  const command = historyCommand("chart", "draws a line in the terminal: one asset's quantity, or the account's total")
    .option("--asset <symbol>", "the asset (default: the total)")
    .option("--denomination <symbol>", "of the total", DEFAULT_DENOMINATION)
    .action((options: Options) =>
      withHistory(options, async (history) => {
        if (options.asset !== undefined) await assertAsset(history, options.asset);
        for (const accountId of history.accountIds) await drawAccount(history, accountId, options);
      }),
    );
  return withRangeOptions(command, "30 days ago");
}

async function drawAccount(history: OpenHistory, accountId: string, options: Options): Promise<void> {
  const { from: asked, to } = readRange(options, history, "-30d");
  const from = options.from === undefined ? Math.max(asked, Math.min(firstRecord(history), to)) : asked;
  const columns = Math.max(20, (process.stdout.columns ?? 100) - AXIS_COLUMNS);
  const width = (to - from) / columns;
  const steps = Array.from({ length: columns }, (_, n) => ({ after: from + n * width, at: from + (n + 1) * width }));
  const texts: (string | null)[] = [];
  for await (const { snapshot } of series(history.reader, accountId, steps, history.periodMs({ from, to }))) {
    texts.push(snapshot === undefined ? null : amountOf(snapshot, options));
  }
  const known = texts.filter((text) => text !== null);
  const what = options.asset ?? `total ${options.denomination}`;
  const time = (ms: number) => localTime(new Date(ms).toISOString(), history.timezone);
  await print(
    `${accountId}: ${what}, ${time(from)} to ${time(to)}\n` +
      `${lineChart(
        texts.map((text) => (text === null ? null : Number(text))),
        axisLabel,
      )}\n` +
      `${known.length === 0 ? "" : `first ${known[0]}, last ${known.at(-1)}; `}· a column without a snapshot or a value\n\n`,
  );
}

/** `null`: not held, or without a price. */
function amountOf(snapshot: Snapshot, { asset, denomination }: Options): string | null {
  if (asset === undefined) return snapshot.totals.get(denomination)?.total ?? null;
  return snapshot.balances.get(asset)?.get(asset)?.total ?? null;
}

function axisLabel(value: number): string {
  return value.toLocaleString("en", { maximumSignificantDigits: 6 });
}
