import type { History } from "../../core/history/history.ts";
import { ALL_ACCOUNTS } from "../../core/history/total-rows.ts";
import { nameText } from "./format/table.ts";

/** What rows show of an account besides its id. */
export interface AccountNames {
  /** The name that the account had at the row's time; `null`: it had none, or the row is of all accounts. */
  readonly accountName: string | null;
  /** The API key that served it then; `null`: unknown, or the row is of all accounts. Absent if no key has a name. */
  readonly key?: string | null;
}

export type Named<Row> = Row & AccountNames;

type Names = Pick<History, "description"> & Partial<Pick<History, "hasKeys">>;

/**
 * Adds the name that the account of a row had at a time, right after its id, and its key.
 * @param at milliseconds since 1970, or an instant; default: now
 */
export function named<Row extends { readonly accountId: string }>(
  history: Names,
  row: Row,
  at?: number | string | null,
): Named<Row> {
  const entries = Object.entries(row).flatMap(([name, value]) =>
    name === "accountId" ? [[name, value], ...Object.entries(namesAt(history, row.accountId, at))] : [[name, value]],
  );
  return Object.fromEntries(entries);
}

/** Returns the name of an account at a time, and its key if any key has a name. */
export function namesAt(history: Names, accountId: string, at?: number | string | null): AccountNames {
  const key = accountId === ALL_ACCOUNTS ? undefined : history.description(accountId, msOf(at)).key;
  return { accountName: nameAt(history, accountId, at), ...(history.hasKeys && { key: key ?? null }) };
}

/** Returns the name that an account had at a time; `null` without one, and for the accounts of a total. */
export function nameAt(history: Names, accountId: string, at?: number | string | null): string | null {
  if (accountId === ALL_ACCOUNTS) return null;
  return history.description(accountId, msOf(at)).name ?? null;
}

function msOf(at: number | string | null | undefined): number | undefined {
  return typeof at === "string" ? Date.parse(at) : (at ?? undefined);
}

/** Returns an account as a message names it: `Treasury (account_…)`, or the id if it has no name. */
export function accountLabel(accountId: string, name: string | null | undefined): string {
  return name == null ? accountId : `${nameText(name)} (${accountId})`;
}

/** Returns the newest name of an account with its id, for a message. */
export function labelOf(history: Names, accountId: string): string {
  return accountLabel(accountId, nameAt(history, accountId));
}
