import { type AccountActivities, descriptionAt } from "../../core/domain/account-activity.ts";
import { InputError } from "../../core/domain/errors.ts";
import { accountLabel } from "./account-names.ts";
import { ID_PREFIX } from "./format/short-ids.ts";
import { didYouMean, listed } from "./name-checks.ts";

/** What an account can be selected by. */
export interface KnownAccount {
  readonly accountId: string;
  readonly name?: string | undefined;
  /** The names that it had before. */
  readonly formerNames?: readonly string[];
  readonly type?: string | undefined;
  readonly owner?: string | undefined;
}

/** The options that select accounts. */
export interface AccountSelection {
  readonly account?: readonly string[];
  readonly type?: readonly string[];
  readonly owner?: readonly string[];
}

/** A table can have a thousand accounts, which all start with `account_`. */
const MAX_MATCHES = 10;

/** Returns the accounts of a table with their names, newest types and owners. */
export function knownAccounts(activities: AccountActivities): KnownAccount[] {
  return [...activities].map(([accountId, activity]) => {
    const { type, owner, ...newest } = descriptionAt(activity, Number.POSITIVE_INFINITY);
    const name = newest.name?.trim() || undefined;
    const names = new Set((activity.descriptions ?? []).flatMap((one) => one.name?.trim() || []));
    return { accountId, name, formerNames: [...names].filter((one) => one !== name), type, owner };
  });
}

/**
 * Returns the ids of the selected accounts, each once; all known accounts by default.
 * - `account`: an id, a name, a unique prefix of either, also without `account_`, or a glob such as `Treasury*`. An id comes
 *   before a name, the newest name before former ones, and a whole name before a prefix.
 * - `type`, `owner`: accounts that have one of the types, and whose owner's id starts with one of the texts.
 * @param field the option or argument that names accounts, for messages
 * @throws InputError with every problem
 */
export function selectAccounts(
  selection: AccountSelection,
  known: readonly KnownAccount[],
  field = "--account",
): readonly string[] {
  const problems: string[] = [];
  const named = selection.account?.flatMap((given) => {
    const found = matches(given, known);
    if (found.length === 0) problems.push(`${field}: unknown account ${given || '""'}.${suggestions(given, known)}`);
    if (found.length > 1 && !isGlob(given)) {
      problems.push(`${field}: ${given} is ambiguous: ${matchList(found)}. Give more characters, or the id.`);
    }
    return found.map(({ accountId }) => accountId);
  });
  for (const property of ["type", "owner"] as const) problems.push(...unknownValues(property, selection, known));
  if (problems.length > 0) throw new InputError("usage", problems);
  const included = known.filter((account) => isIncluded(account, selection)).map(({ accountId }) => accountId);
  const selected = named === undefined ? included : [...new Set(named)].filter((id) => included.includes(id));
  if (selected.length > 0 || known.length === 0) return selected;
  throw new InputError("usage", ["No account matches --account, --type and --owner together. Leave one of them out."]);
}

function isIncluded(account: KnownAccount, { type, owner }: AccountSelection): boolean {
  const isOfType = type === undefined || type.some((one) => account.type === one);
  return isOfType && (owner === undefined || owner.some((one) => isOwnedBy(account, one)));
}

function isOwnedBy({ owner = "" }: KnownAccount, start: string): boolean {
  return start !== "" && owner.startsWith(start);
}

function unknownValues(
  property: "type" | "owner",
  selection: AccountSelection,
  known: readonly KnownAccount[],
): string[] {
  const values = [...new Set(known.flatMap((account) => account[property] ?? []))].sort();
  const unknown = (selection[property] ?? []).filter(
    (given) => !known.some((account) => (property === "type" ? account.type === given : isOwnedBy(account, given))),
  );
  const expected = values.length === 0 ? `No account's ${property} is known.` : `Expected ${listed(values, "or")}.`;
  return unknown.map((given) => `--${property}: no account has the ${property} ${given || '""'}. ${expected}`);
}

/** Whether a text may stand for any number of accounts. */
export function isGlob(given: string): boolean {
  return /[*?]/.test(given);
}

/** Returns the accounts of the first way to match that finds any. Only ids and whole names differ by case. */
function matches(given: string, known: readonly KnownAccount[]): readonly KnownAccount[] {
  // An empty text, such as that of a variable that is not set, is no prefix: it could select the only account.
  if (given === "") return [];
  const wanted = given.toLowerCase();
  const glob = isGlob(wanted) ? globPattern(wanted) : undefined;
  const isWhole = (text: string) => text.toLowerCase() === wanted;
  const isPart = (text: string) => glob?.test(text.toLowerCase()) ?? text.toLowerCase().startsWith(wanted);
  const ids = ({ accountId }: KnownAccount) => [accountId, accountId.replace(ID_PREFIX, "")];
  const ways = [
    (account: KnownAccount) => ids(account).includes(given),
    ({ name }: KnownAccount) => name === given,
    ({ name = "" }: KnownAccount) => isWhole(name),
    ({ formerNames = [] }: KnownAccount) => formerNames.some(isWhole),
    (account: KnownAccount) => [...ids(account), account.name ?? ""].some(isPart),
    ({ formerNames = [] }: KnownAccount) => formerNames.some(isPart),
  ];
  const found = ways.map((isMatch) => known.filter(isMatch)).find(({ length }) => length > 0) ?? [];
  return [...found].sort((a, b) => (a.accountId < b.accountId ? -1 : 1));
}

/** Returns the pattern of a glob: `*` stands for any text, `?` for one character. */
function globPattern(glob: string): RegExp {
  const escaped = glob.replace(/[.+^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${escaped.replaceAll("*", ".*").replaceAll("?", ".")}$`, "su");
}

function matchList(accounts: readonly KnownAccount[]): string {
  const more = accounts.length - MAX_MATCHES;
  const labels = accounts.slice(0, MAX_MATCHES).map(({ accountId, name }) => accountLabel(accountId, name));
  return `it matches ${listed(more > 0 ? [...labels, `${more} more`] : labels, "and")}`;
}

function suggestions(given: string, known: readonly KnownAccount[]): string {
  const isId = given.startsWith("account_");
  const texts = known.map(({ accountId, name }) => (isId ? accountId : (name ?? accountId)));
  return didYouMean(given, texts);
}
