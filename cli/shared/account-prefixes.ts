import { readConfigurationFile } from "../../core/configuration-file.ts";
import { InputError } from "../../core/domain/errors.ts";
import { ENV } from "../../core/names/environment.ts";
import { ACCOUNT_ID } from "../../core/names/patterns.ts";
import { openHistory } from "../../core/readers.ts";
import { selectAccounts } from "./name-checks.ts";
import { reportDamage } from "./output.ts";
import { type TableOptions, withTable } from "./table-option.ts";

/**
 * Returns the accounts that `--account` selects, each once. A prefix stands for an account in the table or in the job's
 * list of accounts. A whole id need not be known, because the account may be new; then nothing is read.
 * @param table selects the table; `undefined` if there is none
 * @throws InputError for a prefix of no known account, and of several
 */
export async function resolveAccounts(
  given: readonly string[],
  table: TableOptions | undefined,
): Promise<readonly string[]> {
  const whole = given.filter((id) => ACCOUNT_ID.test(id));
  const prefixes = given.filter((id) => !whole.includes(id));
  const [first] = prefixes;
  if (first === undefined) return [...new Set(whole)];
  const known = new Set([...configuredAccounts(), ...(await storedAccounts(table))]);
  if (known.size > 0) return [...new Set([...whole, ...selectAccounts(prefixes, [...known])])];
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

async function storedAccounts(table: TableOptions | undefined): Promise<Iterable<string>> {
  if (table === undefined) return [];
  return (await withTable(table, ({ name }) => openHistory(name, reportDamage).accounts())).keys();
}
