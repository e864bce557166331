import { type AccountActivities, hasNotEnded, keyOf } from "../../core/domain/account-activity.ts";
import { InputError } from "../../core/domain/errors.ts";
import { printable } from "../../core/domain/untrusted-text.ts";
import { keysOf } from "../../core/names/outputs.ts";
import { counted } from "./counted.ts";
import { didYouMean, listed } from "./name-checks.ts";
import { readableAccounts, readableSchedules } from "./readable-accounts.ts";
import type { DeployedStack } from "./stack.ts";
import type { SelectedTable } from "./table-option.ts";

/** @throws InputError for the name of a key that a stack does not have. The message names those that it has. */
export function assertKeyOfStack(key: string, { outputs }: Pick<DeployedStack, "outputs">): void {
  const names = keysOf(outputs).flatMap((name) => name ?? []);
  if (names.length === 0) {
    throw new InputError("usage", ["--key: the stack has one key, which has no name. Leave --key out."]);
  }
  if (names.includes(key)) return;
  throw new InputError("usage", [
    `--key: the stack has no key ${printable(key)}. It has ${listed(names, "and")}.${didYouMean(key, names)}`,
  ]);
}

/** The options of a run that say whose accounts it takes. */
interface RunKey {
  readonly key?: string | undefined;
  /** The table does not know the key yet. */
  readonly newKey?: true | undefined;
  /** Set if the run ends accounts. */
  readonly schedule?: string | undefined;
}

/**
 * Checks the key of a run against the stack, or else against the keys that the table knows, and against the accounts that the run
 * names.
 * @throws InputError for a key that is not known, for accounts of another key, and if a scheduled run does not say which one of
 * several keys it has: it would end the accounts of the others
 */
export async function assertKeyOfRun(
  table: SelectedTable,
  { key, newKey, schedule }: RunKey,
  accounts: "all" | readonly string[],
): Promise<void> {
  if (key === undefined) {
    if (schedule !== undefined) await assertOnlyKey(table);
    return;
  }
  if (table.stack !== undefined) assertKeyOfStack(key, table.stack);
  else if (!newKey) await assertKeyOfTable(key, table.name, "For the first run of another key, add --new-key.");
  if (accounts !== "all") await assertAccountsOfKey(key, table.name, accounts);
}

/** @throws InputError if the stack, or else the table, has keys with names */
async function assertOnlyKey({ name, stack }: SelectedTable): Promise<void> {
  const names =
    stack === undefined
      ? namesOf(await readableAccounts(name), hasNotEnded)
      : keysOf(stack.outputs).flatMap((key) => key ?? []);
  if (names.length === 0) return;
  const where = stack === undefined ? "the table has accounts of" : "the stack has";
  const keys = names.length === 1 ? `the key ${names[0]}` : `the keys ${listed(names, "and")}`;
  throw new InputError("usage", [`--schedule: ${where} ${keys}. Add --key with the name of the key in the file.`]);
}

/**
 * @param ifNew what to do if the table does not know the key yet
 * @throws InputError for a key that a table with keys does not know. The message names those that it knows
 */
export async function assertKeyOfTable(key: string, tableName: string, ifNew: string): Promise<void> {
  const names = namesOf(await readableAccounts(tableName), () => true);
  if (names.length === 0 || names.includes(key)) return;
  // The first scheduled run of a key registers its schedule, but perhaps no account: it can fail, or another key serves them.
  if ((await readableSchedules(tableName)).some((one) => one.key === key)) return;
  const problem = `no account in the table has the key ${printable(key)}. Expected ${listed(names, "or")}.`;
  throw new InputError("usage", [`--key: ${problem} ${ifNew}`]);
}

/** @throws InputError for accounts that another key serves: most likely, this one cannot read them */
async function assertAccountsOfKey(key: string, tableName: string, accounts: readonly string[]): Promise<void> {
  const known = await readableAccounts(tableName);
  const others = accounts.flatMap((accountId) => {
    const activity = known.get(accountId);
    const serving = activity && hasNotEnded(activity) ? keyOf(activity) : undefined;
    return serving === undefined || serving === key ? [] : [{ accountId, serving }];
  });
  const [first] = others;
  if (first === undefined) return;
  const { accountId, serving } = first;
  const rest = others.length === 1 ? "" : ` (${counted(others.length, "account")} are of other keys)`;
  throw new InputError("usage", [
    `--account: ${accountId} is an account of the key ${serving}${rest}. Give --key ${serving} and the file of that key.`,
  ]);
}

function namesOf(accounts: AccountActivities, isIncluded: typeof hasNotEnded): string[] {
  const names = [...accounts.values()].flatMap((one) => (isIncluded(one) ? (keyOf(one) ?? []) : []));
  return [...new Set(names)].sort();
}
