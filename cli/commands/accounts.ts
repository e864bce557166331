import type { Command } from "commander";
import { asOf, END_OF_TIME, LONGEST_RUN_MS } from "../../core/history/as-of.ts";
import { scheduledSlots } from "../../core/history/gaps.ts";
import { duration } from "../shared/format/duration.ts";
import { type HistoryOptions, historyCommand, type OpenHistory, withHistory } from "../shared/history-command.ts";
import { localTime } from "../shared/moment.ts";
import { type Field, printRows } from "../shared/output.ts";

interface Options extends HistoryOptions {
  readonly gapsFrom: string;
}

interface AccountRow {
  readonly accountId: string;
  /** The slot of its first record. */
  readonly since: string;
  /** Of its last complete snapshot; `null`: it never had one. */
  readonly lastSlot: string | null;
  readonly lastCapturedAt: string | null;
  readonly ageMs: number | null;
  /** Slots without a complete snapshot; `null`: the table knows no schedule. */
  readonly gaps: number | null;
}

/** `accounts`: which accounts the table knows, and how they are. */
export function accountsCommand(): Command {
  return historyCommand("accounts", "shows the accounts that the table knows: since when, how old, how many gaps")
    .option("--gaps-from <moment>", "from when on gaps are counted; to count them all reads the whole history", "-30d")
    .action((options: Options) =>
      withHistory(options, async (history) => {
        const from = history.moment("--gaps-from", options.gapsFrom, "start");
        await printRows(accountRows(history, from), history.format, fields(history.timezone));
      }),
    );
}

async function* accountRows(history: OpenHistory, from: number): AsyncGenerator<AccountRow> {
  const { now } = history;
  for (const accountId of history.accountIds) {
    const since = history.since.get(accountId) ?? "";
    const last = await asOf(history.reader, accountId, END_OF_TIME, history.periodMs({ from: now, to: now }));
    yield {
      accountId,
      since,
      lastSlot: last?.slot ?? null,
      lastCapturedAt: last?.capturedAt ?? null,
      ageMs: last === undefined ? null : now - Date.parse(last.capturedAt),
      gaps: history.schedules.length === 0 ? null : await countGaps(history, accountId, since, from),
    };
  }
}

async function countGaps({ reader, schedules, now }: OpenHistory, accountId: string, since: string, from: number) {
  let gaps = 0;
  const range = { from, to: now - LONGEST_RUN_MS };
  for await (const { complete } of scheduledSlots(reader, accountId, schedules, since, range))
    gaps += Number(!complete);
  return gaps;
}

function fields(timezone: string): Field<AccountRow>[] {
  const time = (instant: string | null) => instant && localTime(instant, timezone);
  return [
    { title: "accountId", text: (row) => row.accountId },
    { title: "since", text: (row) => time(row.since) },
    { title: "lastSlot", text: (row) => time(row.lastSlot) },
    { title: "lastCapturedAt", text: (row) => time(row.lastCapturedAt) },
    { title: "age", text: (row) => (row.ageMs !== null && duration(row.ageMs)) || null },
    { title: "gaps", text: (row) => row.gaps?.toString() },
  ];
}
