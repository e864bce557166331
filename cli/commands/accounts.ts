import type { Command } from "commander";
import { type AccountActivity, isActive } from "../../core/domain/account-activity.ts";
import { messageWithFix } from "../../core/domain/errors.ts";
import type { History } from "../../core/history/history.ts";
import { type Named, namesAt } from "../shared/account-names.ts";
import { duration } from "../shared/counted.ts";
import { parseStart, readClock } from "../shared/date-time.ts";
import { type Field, fieldsOf, withDropOrder, withKeysKept } from "../shared/fields.ts";
import { type CommandContext, type HistoryOptions, historyCommand, withHistory } from "../shared/history-command.ts";
import { printRows } from "../shared/output.ts";
import { retireCommand } from "./retire.ts";

interface Options extends HistoryOptions {
  readonly gapsFrom: string;
}

/** With the newest name, type, owner and key. */
interface AccountRow extends Named<{ readonly accountId: string }> {
  /** `null`: unknown. */
  readonly type: string | null;
  readonly owner: string | null;
  /** `pending`: no complete snapshot yet, or none since it ended. `ended`: it counts no more. */
  readonly state: "active" | "pending" | "ended";
  /** The slot of the first complete snapshot; `null` without one. */
  readonly since: string | null;
  /** The slot with which it ended last, and why; `null` if it is active, or never had a complete snapshot. */
  readonly ended: string | null;
  readonly reason: string | null;
  /** The slot of the last complete snapshot; `null` without a complete snapshot. */
  readonly lastSlot: string | null;
  readonly lastCapturedAt: string | null;
  readonly ageMs: number | null;
  /** `null` without a schedule. */
  readonly gaps: number | null;
  /** Why the last attempt of a pending account failed; `null` for the others. */
  readonly lastError: string | null;
}

export function accountsCommand(): Command {
  return historyCommand("accounts")
    .option("--gaps-from <time>", "count gaps since this time; an earlier time reads more of the history", "-30d")
    .enablePositionalOptions()
    .addCommand(retireCommand())
    .action(async (options: Options) => {
      const clock = readClock(options);
      const from = parseStart("--gaps-from", options.gapsFrom, clock);
      await withHistory(options, (context) => printRows(accountRows(context, from), context, fields(context)), clock);
    });
}

async function* accountRows(context: CommandContext, from: number): AsyncGenerator<AccountRow> {
  const { history, now } = context;
  for (const accountId of context.withPending) {
    const activity = history.activity(accountId);
    const state = stateOf(activity);
    const lastPeriod = activity.periods.at(-1);
    const last = lastPeriod && (await history.latest(accountId));
    let gaps = 0;
    const isScheduled = history.isScheduled(accountId);
    if (isScheduled) for await (const _ of history.gaps(accountId, { from, to: now })) gaps++;
    yield {
      accountId,
      ...namesAt(history, accountId),
      type: history.description(accountId).type ?? null,
      owner: history.description(accountId).owner ?? null,
      state,
      since: activity.periods[0]?.since ?? null,
      ended: lastPeriod?.until ?? null,
      reason: lastPeriod?.reason ?? null,
      lastSlot: last?.slot ?? null,
      lastCapturedAt: last?.capturedAt ?? null,
      ageMs: last === undefined ? null : now - Date.parse(last.capturedAt),
      gaps: isScheduled ? gaps : null,
      lastError: state === "pending" ? await lastErrorOf(history, accountId) : null,
    };
  }
}

function stateOf(activity: AccountActivity): AccountRow["state"] {
  if (isActive(activity)) return "active";
  return activity.pendingSince === undefined ? "ended" : "pending";
}

async function lastErrorOf(history: History, accountId: string): Promise<string | null> {
  const attempt = await history.lastFailure(accountId);
  return attempt === undefined ? null : `${attempt.code}: ${messageWithFix(attempt)}`;
}

function fields(context: CommandContext): Field<AccountRow>[] {
  const times = { since: "time", lastSlot: "time", lastCapturedAt: "time" } as const;
  const fields: Field<AccountRow>[] = [
    ...fieldsOf<AccountRow>({ accountId: "account", type: "text", state: "text", ...times }, context),
    { title: "age", text: ({ ageMs }) => (ageMs === null ? null : duration(ageMs)) },
    ...fieldsOf<AccountRow>({ gaps: "count", ended: "time", reason: "note", lastError: "note", owner: "id" }, context),
  ];
  return withDropOrder(withKeysKept(fields), ["owner"], ["lastCapturedAt"], ["lastSlot"], ["since"]);
}
