import type { History } from "../../../core/history/history.ts";
import type { Statement } from "../../../core/history/statement.ts";
import type { StatementAccount } from "../../../core/history/statement-accounts.ts";
import type { Head } from "../../../core/integrity/entry.ts";
import { counted } from "../counted.ts";
import { shortIds } from "../format/short-ids.ts";
import { shortName } from "../format/short-name.ts";
import { shownName } from "../format/shown-name.ts";
import type { ReconcileOutput } from "../reconcile/reconcile-output.ts";

/** A statement as its JSON has it. */
export interface StatementOutput extends Statement {
  /** IANA name. */
  readonly timezone: string;
  /** In the format of a slot. */
  readonly generatedAt: string;
  /** What the statement lacks, in sentences; empty if it is complete. */
  readonly incomplete: readonly string[];
  /** The entries of the hash chains that cover the closing balances. `verify --anchor` reads them. */
  readonly heads: readonly StatementHead[];
  /** With `--transfers`: the quantities, reconciled. */
  readonly reconciliation?: ReconcileOutput;
}

/** What the head of a chain was when the entry of the closing balance was appended. */
export interface StatementHead extends Head {
  /** The digest of the snapshot. */
  readonly digest: string;
}

/** Accounts that a sentence names. */
const MAX_NAMED = 5;

/** Returns what a statement lacks, in sentences. @param heads of the closing balances @param label names an account */
export function lacksOf(
  { accounts, gaps }: Pick<Statement, "accounts" | "gaps">,
  heads: readonly Pick<StatementHead, "accountId">[],
  label: (accountId: string) => string,
): string[] {
  const covered = new Set(heads.map(({ accountId }) => accountId));
  const listed = (found: readonly StatementAccount[]) => {
    const more = found.length - MAX_NAMED;
    const names = found.slice(0, MAX_NAMED).map(({ accountId }) => label(accountId));
    return [...names, ...(more > 0 ? [`${more} more`] : [])].join(", ");
  };
  const ofAccounts = (isSo: (account: StatementAccount) => boolean, sentence: (accounts: string) => string) => {
    const found = accounts.filter(isSo);
    return found.length === 0 ? [] : [sentence(`${counted(found.length, "account")} (${listed(found)})`)];
  };
  const missing = (end: "opening" | "closing") =>
    ofAccounts(
      (account) => account[end].state === "missing",
      (found) => `The ${end} balance of ${found} is missing, and the sums leave out what was held.`,
    );
  const slots = gaps.reduce((sum, gap) => sum + gap.slots * gap.accounts.length, 0);
  const expected = accounts.reduce((sum, account) => sum + (account.slots?.expected ?? 0), 0);
  return [
    ...missing("opening"),
    ...missing("closing"),
    ...(slots === 0
      ? []
      : [`${slots} of ${counted(expected, "slot")} ${slots === 1 ? "has" : "have"} no complete snapshot: see Gaps.`]),
    ...ofAccounts(
      ({ altered, opening, closing }) => altered > 0 || opening.altered || closing.altered,
      (found) => `Snapshots of ${found} do not match their digests: they were altered. Run balances verify.`,
    ),
    ...ofAccounts(
      ({ accountId, closing }) => closing.state === "known" && !covered.has(accountId),
      (found) => `The closing balance of ${found} is not in, or differs from, the hash chain. Run balances verify.`,
    ),
  ];
}

/**
 * Returns a function that names an account: its name at the closing, and the start of its id. A page has room for the whole
 * name, and isolates it: a name that runs from right to left would move the id.
 */
export function accountLabels(
  { accountIds }: Pick<History, "accountIds">,
  { accounts }: { readonly accounts: readonly Pick<StatementAccount, "accountId" | "accountName">[] },
  format: "table" | "json" | "html" = "table",
): (accountId: string) => string {
  const short = shortIds(accountIds);
  const names = new Map(accounts.map(({ accountId, accountName }) => [accountId, accountName]));
  return (accountId) => {
    const name = names.get(accountId);
    const id = short(accountId);
    if (!name) return shownName(id);
    return `${format === "html" ? `\u2068${shownName(name)}\u2069` : shortName(name)} ${shownName(id)}`;
  };
}
