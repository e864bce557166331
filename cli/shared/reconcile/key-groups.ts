import { noKeySinceOf } from "../../../core/domain/account-activity.ts";
import { InputError } from "../../../core/domain/errors.ts";
import type { TransferRead } from "../../../core/domain/transfer.ts";
import type { History } from "../../../core/history/history.ts";
import { keysOf, OUTPUTS, outputName } from "../../../core/names/outputs.ts";
import { listed } from "../name-checks.ts";
import type { DeployedStack } from "../stack.ts";
import type { TransferOptions } from "./transfer-options.ts";

/** Where the text of a key is. */
export type KeyPlace = { readonly file: string } | { readonly secret: string };

/** Accounts whose transfers one key reads. */
export interface KeyGroup extends Pick<TransferRead, "key" | "accountIds"> {
  /** `undefined`: no key can be asked, because none serves these accounts any more. */
  readonly place: KeyPlace | undefined;
}

/**
 * Returns which key to ask for the transfers of which accounts.
 * @throws InputError if the accounts are of several keys, and the options give only one: the changes of the others would be
 * unexplained
 */
export function keyGroups(
  history: Pick<History, "activity" | "description">,
  accountIds: readonly string[],
  { keyFile, secret }: Pick<TransferOptions, "keyFile" | "secret">,
  stack: DeployedStack | undefined,
): KeyGroup[] {
  const served = accountIds.filter((id) => noKeySinceOf(history.activity(id)) === undefined);
  const byKey = new Map<string | undefined, string[]>();
  for (const id of served) {
    const { key } = history.description(id);
    byKey.set(key, [...(byKey.get(key) ?? []), id]);
  }
  const given = keyFile !== undefined ? { file: keyFile } : secret !== undefined ? { secret } : undefined;
  if (given !== undefined) assertOneKey([...byKey.keys()], keyFile === undefined ? "--secret" : "--key-file");
  const placeOf = (key: string | undefined) => given ?? secretOf(stack, key);
  const groups = [...byKey].map(([key, ids]) => ({ key: key ?? null, accountIds: ids, place: placeOf(key) }));
  const asked = new Set(groups.flatMap(({ place, accountIds: ids }) => (place === undefined ? [] : ids)));
  const others = accountIds.filter((id) => !asked.has(id));
  return [
    ...groups.filter(({ place }) => place !== undefined),
    ...(others.length === 0 ? [] : [{ key: null, accountIds: others, place: undefined }]),
  ];
}

function secretOf(stack: DeployedStack | undefined, key: string | undefined): KeyPlace | undefined {
  if (stack === undefined || !keysOf(stack.outputs).includes(key)) return undefined;
  const secret = stack.outputs.get(outputName(OUTPUTS.secretId, key));
  return secret === undefined ? undefined : { secret };
}

function assertOneKey(keys: readonly (string | undefined)[], option: string): void {
  if (keys.length < 2) return;
  const names = keys.flatMap((key) => key ?? []).sort();
  const unnamed = names.length < keys.length ? " and of a key that is not known" : "";
  const others = "so that the changes of the others would be unexplained";
  throw new InputError("usage", [
    `${option}: the accounts are of the ${names.length === 1 ? "key" : "keys"} ${listed(names, "and")}${unnamed}, ` +
      `and the option gives one key, ${others}. Select the accounts of that key with ${listed(
        names.map((name) => `--key ${name}`),
        "or",
      )}, or use --stack.`,
  ]);
}
