import type { Command } from "commander";
import { duration } from "../shared/counted.ts";
import { type CommandContext, type HistoryOptions, historyCommand, withHistory } from "../shared/history-command.ts";
import { columns, type Field, printRows, timeColumns } from "../shared/output.ts";

interface Options extends HistoryOptions {
  readonly gapsFrom: string;
}

interface AccountRow {
  readonly accountId: string;
  /** The slot of the first record. */
  readonly since: string;
  /** The slot of the last complete snapshot; `null` without a complete snapshot. */
  readonly lastSlot: string | null;
  readonly lastCapturedAt: string | null;
  readonly ageMs: number | null;
  /** `null` without a schedule. */
  readonly gaps: number | null;
}

export function accountsCommand(): Command {
  return historyCommand("accounts", "lists all accounts: first slot, last snapshot and its age, number of gaps")
    .option("--gaps-from <time>", "count gaps since this time; an earlier time reads more of the history", "-30d")
    .action((options: Options) =>
      withHistory(options, async (context) => {
        const from = context.dateTime("--gaps-from", options.gapsFrom, "start");
        await printRows(accountRows(context, from), context.format, fields(context.timezone));
      }),
    );
}

async function* accountRows({ history, accountIds, now }: CommandContext, from: number): AsyncGenerator<AccountRow> {
  for (const accountId of accountIds) {
    const last = await history.latest(accountId);
    let gaps = 0;
    if (history.hasSchedule) for await (const _ of history.gaps(accountId, { from, to: now })) gaps++;
    yield {
      accountId,
      since: history.firstSlot(accountId),
      lastSlot: last?.slot ?? null,
      lastCapturedAt: last?.capturedAt ?? null,
      ageMs: last === undefined ? null : now - Date.parse(last.capturedAt),
      gaps: history.hasSchedule ? gaps : null,
    };
  }
}

function fields(timezone: string): Field<AccountRow>[] {
  return [
    ...columns<AccountRow>("accountId"),
    ...timeColumns<AccountRow>(timezone, "since", "lastSlot", "lastCapturedAt"),
    { title: "age", text: (row) => (row.ageMs !== null && duration(row.ageMs)) || null },
    ...columns<AccountRow>("gaps"),
  ];
}
