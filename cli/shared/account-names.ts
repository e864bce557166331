import type { History } from "../../core/history/history.ts";
import { ALL_ACCOUNTS } from "../../core/history/total-rows.ts";
import { nameText } from "./format/table.ts";

/** A row of an account, with the name that the account had at the row's time; `null`: it had none, or the row is of all accounts. */
export type Named<Row> = Row & { readonly accountName: string | null };

type Names = Pick<History, "description">;

/**
 * Adds the name that the account of a row had at a time, right after its id.
 * @param at milliseconds since 1970, or an instant; default: now
 */
export function named<Row extends { readonly accountId: string }>(
  history: Names,
  row: Row,
  at?: number | string | null,
): Named<Row> {
  const entries = Object.entries(row).flatMap(([name, value]) =>
    name === "accountId"
      ? [
          [name, value],
          ["accountName", nameAt(history, row.accountId, at)],
        ]
      : [[name, value]],
  );
  return Object.fromEntries(entries);
}

/** Returns the name that an account had at a time; `null` without one, and for the accounts of a total. */
export function nameAt(history: Names, accountId: string, at?: number | string | null): string | null {
  if (accountId === ALL_ACCOUNTS) return null;
  const ms = typeof at === "string" ? Date.parse(at) : (at ?? undefined);
  return history.description(accountId, ms).name ?? null;
}

/** Returns an account as a message names it: `Treasury (account_…)`, or the id if it has no name. */
export function accountLabel(accountId: string, name: string | null | undefined): string {
  return name == null ? accountId : `${nameText(name)} (${accountId})`;
}

/** Returns the newest name of an account with its id, for a message. */
export function labelOf(history: Names, accountId: string): string {
  return accountLabel(accountId, nameAt(history, accountId));
}
