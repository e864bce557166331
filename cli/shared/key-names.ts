import { type AccountActivities, hasNotEnded, keyOf } from "../../core/domain/account-activity.ts";
import { InputError } from "../../core/domain/errors.ts";
import { printable } from "../../core/domain/untrusted-text.ts";
import { keysOf } from "../../core/names/outputs.ts";
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
 * Checks the key of a run against the stack, or else against the keys that serve the accounts in the table.
 * @throws InputError for a key that is not known, and if a scheduled run does not say which one of several it has: it would end
 * the accounts of the others
 */
export async function assertKeyOfRun(table: SelectedTable, { key, newKey, schedule }: RunKey): Promise<void> {
  if (key === undefined && schedule === undefined) return;
  if (key !== undefined && table.stack !== undefined) return assertKeyOfStack(key, table.stack);
  const accounts = await readableAccounts(table.name);
  const names = namesOf(accounts, () => true);
  if (key !== undefined) {
    if (newKey || names.length === 0 || names.includes(key)) return;
    // The first scheduled run of a key registers its schedule, but perhaps no account: it can fail, or another key serves them.
    if ((await readableSchedules(table.name)).some((one) => one.key === key)) return;
    throw new InputError("usage", [
      `--key: no account in the table has the key ${key}. Expected ${listed(names, "or")}. ` +
        "For the first run of another key, add --new-key.",
    ]);
  }
  const current = namesOf(accounts, hasNotEnded);
  if (current.length === 0) return;
  const keys = current.length === 1 ? `the key ${current[0]}` : `the keys ${listed(current, "and")}`;
  throw new InputError("usage", [
    `--schedule: the table has accounts of ${keys}. Add --key with the name of the key in the file.`,
  ]);
}

function namesOf(accounts: AccountActivities, isIncluded: typeof hasNotEnded): string[] {
  const names = [...accounts.values()].flatMap((one) => (isIncluded(one) ? (keyOf(one) ?? []) : []));
  return [...new Set(names)].sort();
}
