import type { ApiKey } from "../../core/domain/api-key.ts";
import { InputError } from "../../core/domain/errors.ts";
import { ALL_ACCOUNTS, keysOf, OUTPUTS, outputName } from "../../core/names/outputs.ts";
import { counted } from "../shared/counted.ts";
import { assertKeyOfStack, assertKeyOfTable } from "../shared/key-names.ts";
import { listed } from "../shared/name-checks.ts";
import type { DeployedStack } from "../shared/stack.ts";
import type { ApiAccess } from "./api-access.ts";
import { type CheckResult, type CheckResults, needing, ofKey, type Prerequisite, warning } from "./check-result.ts";
import { checkKey, type KeyOrigin } from "./key.ts";
import type { NewestRecords } from "./newest-records.ts";
import type { CheckRequest } from "./run-checks.ts";

/** An API key that is checked. */
export interface CheckedKey {
  /** `undefined`: the only key, which has no name. */
  readonly name: string | undefined;
  readonly key: Prerequisite<ApiKey>;
}

/** Accounts of which a message shows the ids. */
const MAX_IDS = 3;

const NO_KEY = { missingReason: "requires --key-file, --secret or --stack" };

/** Without a name, the key is not compared with the accounts in the table. */
const IF_NEW = "Before the first run of another key, leave --key out.";

type KeyRequest = Pick<CheckRequest, "key" | "keyName" | "stack" | "table">;

/**
 * Checks the key that is given, or each key of a stack.
 * @throws InputError for the name of a key that the stack does not have or, without a stack, that the table does not know
 */
export async function* checkKeys(
  request: KeyRequest,
  deployed: Prerequisite<DeployedStack>,
): CheckResults<readonly CheckedKey[]> {
  const { keyName, stack, table } = request;
  if (deployed.value !== undefined) assertName(request, deployed.value);
  else if (keyName !== undefined && stack === undefined && table !== undefined)
    await assertKeyOfTable(keyName, table.name, IF_NEW);
  const keys: CheckedKey[] = [];
  for (const name of keyNames(request, deployed)) {
    const key = yield* ofKey(name, needing(keyOrigin(request, name, deployed), ["key"], checkKey));
    keys.push({ name, key });
  }
  return keys;
}

function keyNames({ key, keyName, stack }: KeyRequest, deployed: Prerequisite<DeployedStack>) {
  if (keyName !== undefined || key !== undefined || stack === undefined) return [keyName];
  return deployed.value === undefined ? [undefined] : keysOf(deployed.value.outputs);
}

function assertName({ key, keyName }: KeyRequest, stack: DeployedStack): void {
  if (keyName !== undefined) assertKeyOfStack(keyName, stack);
  const names = keysOf(stack.outputs).flatMap((name) => name ?? []);
  if (keyName !== undefined || key === undefined || names.length === 0) return;
  const has = `${names.length === 1 ? "key" : "keys"} ${listed(names, "and")}`;
  throw new InputError("usage", [`The stack has the ${has}. Add --key with the name of the key that is given.`]);
}

function keyOrigin(
  { key, stack }: KeyRequest,
  name: string | undefined,
  deployed: Prerequisite<DeployedStack>,
): Prerequisite<KeyOrigin> {
  if (key !== undefined) return { value: key };
  if (stack === undefined) return NO_KEY;
  if (deployed.value === undefined) return deployed;
  const output = outputName(OUTPUTS.secretId, name);
  const secret = deployed.value.outputs.get(output);
  if (secret === undefined) return { missingReason: `the stack has no output ${output}` };
  return { value: { secret, putCommand: deployed.value.outputs.get(outputName(OUTPUTS.putKeyCommand, name)) } };
}

/** A key with the accounts that the API lists for it. */
export interface KeyAccess extends CheckedKey {
  readonly access: Prerequisite<ApiAccess>;
}

/** Returns the accounts that the API lists for a key; `undefined` if that is unknown. */
export function listedIds({ access }: KeyAccess): readonly string[] | undefined {
  return access.value?.listedIds.value;
}

/** Warns of accounts that several keys record: all their accounts, or those that a filter includes. */
export function* checkSharedAccounts(
  keys: readonly KeyAccess[],
  outputs: DeployedStack["outputs"] | undefined,
): Iterable<CheckResult> {
  const keysOfAccount = new Map<string, string[]>();
  for (const key of keys) {
    const recorded = outputs?.get(outputName(OUTPUTS.recordedAccounts, key.name)) ?? "";
    // A list of accounts is checked when the stack is deployed.
    if (key.name === undefined || !recorded.startsWith(ALL_ACCOUNTS)) continue;
    for (const id of listedIds(key) ?? []) keysOfAccount.set(id, [...(keysOfAccount.get(id) ?? []), key.name]);
  }
  const several = [...keysOfAccount].filter(([, names]) => names.length > 1);
  const shared = grouped(several, ([, names]) => listed(names, "and"));
  for (const [names, accounts] of shared) {
    const same = accounts.length === 1 ? "account" : `${accounts.length} accounts`;
    const message = `${names} see the same ${same}: ${idsText(accounts.map(([accountId]) => ({ accountId })))}`;
    const fix =
      "An account stays with the key that serves it. Unless their filters differ, configure which key records which accounts: docs/configuration.md#several-keys";
    yield warning("accounts", message, fix);
  }
}

/** The accounts of the table, by the key that should serve them. */
export interface AccountsByKey {
  readonly of: ReadonlyMap<string | undefined, readonly NewestRecords[]>;
  /** Those that no checked key serves. */
  readonly unserved: readonly NewestRecords[];
}

/**
 * Groups accounts by the key that serves them; those of a key that is gone, by the one that lists them. The only key serves all.
 * Accounts of a key that is not checked are left out.
 * @param outputs those of the stack; `undefined`: every key that the table knows may exist
 */
export function accountsByKey(
  accounts: readonly NewestRecords[],
  keys: readonly KeyAccess[],
  outputs: DeployedStack["outputs"] | undefined,
): AccountsByKey {
  const of = new Map<string | undefined, NewestRecords[]>(keys.map(({ name }) => [name, []]));
  if (of.has(undefined)) return { of: new Map([[undefined, accounts]]), unserved: [] };
  const listing = new Map(keys.flatMap((key) => (listedIds(key) ?? []).map((id) => [id, key.name] as const)));
  const isOfOther = (key: string) => !of.has(key) && (outputs === undefined || keysOf(outputs).includes(key));
  const unserved: NewestRecords[] = [];
  for (const account of accounts) {
    const { accountId, key } = account;
    if (key !== undefined && isOfOther(key)) continue;
    const serving = of.has(key) ? key : listing.get(accountId);
    (of.get(serving) ?? unserved).push(account);
  }
  return { of, unserved };
}

/**
 * Warns of accounts that no key of the stack serves: their key is gone, and they never end on their own; or it gave them up, and
 * they end unless another key takes them over.
 */
export function* reportUnserved(unserved: readonly NewestRecords[]): Iterable<CheckResult> {
  const givenUp = unserved.filter(({ formerKey }) => formerKey !== undefined);
  for (const [key, accounts] of grouped(givenUp, (account) => account.formerKey)) {
    const message = `no key serves ${textOf(accounts)}, which ${key} no longer lists: ${idsText(accounts)}`;
    yield warning("last run", message, "What to do: docs/runbook.md#gaps-without-a-key");
  }
  const withoutKey = unserved.filter(({ formerKey }) => formerKey === undefined);
  for (const [key, accounts] of grouped(withoutKey, (account) => account.key)) {
    const was = key === undefined ? "whose key is unknown" : `whose key was ${key}`;
    const message = `no key of the stack serves ${textOf(accounts)}, ${was}: ${idsText(accounts)}`;
    const retire = key === undefined ? "balances accounts retire ID" : `balances accounts retire --key ${key}`;
    const fix =
      accounts.length === 1
        ? "Every slot of it is a gap. If it is gone for good, end it"
        : "Every slot of them is a gap. If they are gone for good, end them";
    yield warning("last run", message, `${fix}: ${retire}`);
  }
}

function textOf(accounts: readonly NewestRecords[]): string {
  return counted(accounts.length, "account");
}

function grouped<T, K>(items: readonly T[], nameOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const name = nameOf(item);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [item]);
    else group.push(item);
  }
  return groups;
}

function idsText(accounts: readonly Pick<NewestRecords, "accountId">[]): string {
  const ids = accounts.map(({ accountId }) => accountId);
  return `${ids.slice(0, MAX_IDS).join(", ")}${ids.length > MAX_IDS ? ", …" : ""}`;
}
