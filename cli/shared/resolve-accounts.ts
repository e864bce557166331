import { readConfigurationFile } from "../../core/configuration-file.ts";
import { type AccountActivities, hasNotEnded } from "../../core/domain/account-activity.ts";
import { InputError } from "../../core/domain/errors.ts";
import { ENV } from "../../core/names/environment.ts";
import { ACCOUNT_ID } from "../../core/names/patterns.ts";
import { openHistory } from "../../core/readers.ts";
import { reportDamage } from "./output.ts";
import { type KnownAccount, knownAccounts, selectAccounts } from "./select-accounts.ts";
import { type TableOptions, withTable } from "./table-option.ts";

/**
 * Returns the accounts that `--account` selects, each once. A name, a prefix or a glob stands for accounts in the table or in
 * the job's list of accounts. A whole id need not be known, because the account may be new; then nothing is read. Only its whole id
 * or name stands for an account that has ended, because a complete snapshot would start it again.
 * @param table selects the table; `undefined` if there is none
 * @throws InputError for a name or a prefix of no known account, and of several
 */
export async function resolveAccounts(
  given: readonly string[],
  table: TableOptions | undefined,
): Promise<readonly string[]> {
  const whole = given.filter((id) => ACCOUNT_ID.test(id));
  const account = given.filter((id) => !whole.includes(id));
  const [first] = account;
  if (first === undefined) return [...new Set(whole)];
  const stored = await storedAccounts(table);
  const isStored = new Set(stored.map(({ accountId }) => accountId));
  const configured = configuredAccounts().filter((accountId) => !isStored.has(accountId));
  const known = [...stored, ...configured.map((accountId) => ({ accountId }))];
  if (known.length > 0) return [...new Set([...whole, ...selectAccounts({ account }, known).accountIds])];
  throw new InputError("usage", [
    `--account: "${first}" is not a whole account id, and no account is known yet. Expected an id like account_af2937b0-9846-….`,
  ]);
}

function configuredAccounts(): readonly string[] {
  const problems: string[] = [];
  const { accounts } = readConfigurationFile(process.env[ENV.configurationFile], problems);
  if (problems.length > 0) throw new InputError("config_invalid", problems);
  return accounts === "all" ? [] : accounts;
}

async function storedAccounts(table: TableOptions | undefined): Promise<KnownAccount[]> {
  if (table === undefined) return [];
  const activities = await withTable(table, ({ name }) => openHistory(name, reportDamage).accounts());
  return accountsToRun(activities);
}

/** Returns the accounts of a table for a run: only its whole id or name selects one that has ended. */
export function accountsToRun(activities: AccountActivities): KnownAccount[] {
  const ended = new Set([...activities].flatMap(([id, activity]) => (hasNotEnded(activity) ? [] : [id])));
  return knownAccounts(activities).map((account) => ({ ...account, onlyWhole: ended.has(account.accountId) }));
}
