import { type AccountActivities, descriptionAt, lastKeyOf } from "../../core/domain/account-activity.ts";
import { InputError } from "../../core/domain/errors.ts";
import { accountLabel } from "./account-names.ts";
import { counted } from "./counted.ts";
import { ID_PREFIX, SHORT_ID_LENGTH } from "./format/short-ids.ts";
import { isGlob, matchesGlob } from "./glob.ts";
import { didYouMean, listed } from "./name-checks.ts";

/** What an account can be selected by. */
export interface KnownAccount {
  readonly accountId: string;
  readonly name?: string | undefined;
  /** The names that it had before. */
  readonly formerNames?: readonly string[];
  readonly type?: string | undefined;
  readonly owner?: string | undefined;
  /** The API key that serves it, or that gave it up while no other key has taken it over. */
  readonly key?: string | undefined;
  /** Whether only its whole id or its whole newest name selects it. */
  readonly onlyWhole?: boolean;
}

/** The options that select accounts. */
export interface AccountSelection {
  readonly account?: readonly string[];
  readonly type?: readonly string[];
  readonly owner?: readonly string[];
  readonly key?: readonly string[];
}

/** The accounts that options select. */
export interface SelectedAccounts {
  /** Each once. */
  readonly accountIds: readonly string[];
  /** Those of them that `account` names, other than by a glob. */
  readonly named: ReadonlySet<string>;
}

interface SelectionRules {
  /** The option or argument that names accounts, for messages. Default: `--account`. */
  readonly field?: string;
  /**
   * The use that needs exactly one account, for messages: `retire ends`. Then a glob is refused, also if it matches one account,
   * and former names select nothing.
   */
  readonly one?: string;
}

/** A table can have a thousand accounts, which all start with `account_`. */
const MAX_MATCHES = 10;

/** Returns the accounts of a table with their names, newest types, owners and keys. */
export function knownAccounts(activities: AccountActivities): KnownAccount[] {
  return [...activities].map(([accountId, activity]) => {
    const { name, type, owner, key, noKeySince } = descriptionAt(activity, Number.POSITIVE_INFINITY);
    const serving = noKeySince === undefined ? key : lastKeyOf(activity);
    const names = new Set((activity.descriptions ?? []).flatMap((one) => one.name ?? []));
    return { accountId, name, formerNames: [...names].filter((one) => one !== name), type, owner, key: serving };
  });
}

/**
 * Returns the selected accounts; all known accounts by default.
 * - `account`: an id, a name, a unique prefix of either, also without `account_`, or a glob such as `Treasury*`. An id comes
 *   before a name, the newest name before former ones, and a whole name before a prefix.
 * - `type`, `owner`, `key`: accounts that have one of the types, whose owner's id starts with one of the texts, and that one of
 *   the keys serves.
 * @throws InputError with every problem
 */
export function selectAccounts(
  selection: AccountSelection,
  known: readonly KnownAccount[],
  { field = "--account", one }: SelectionRules = {},
): SelectedAccounts {
  const problems: string[] = [];
  const matched = selection.account?.map((given) => {
    const match = matchOf(given, known, one !== undefined);
    const problem = problemOf(given, match, known, one);
    if (problem !== undefined) problems.push(`${field}: ${problem}`);
    return match;
  });
  for (const property of ["type", "owner", "key"] as const) problems.push(...unknownValues(property, selection, known));
  if (problems.length > 0) throw new InputError("usage", problems);
  const isSelected = (account: KnownAccount) => isIncluded(account, selection);
  const found = matched?.flatMap(({ accounts }) => accounts) ?? known;
  const accountIds = [...new Set(idsOf(found.filter(isSelected)))];
  const named = new Set(matched?.flatMap(({ accounts, byGlob }) => (byGlob ? [] : idsOf(accounts))));
  if (accountIds.length > 0 || known.length === 0) return { accountIds, named };
  throw new InputError("usage", [
    "No account matches --account, --type, --owner and --key together. Leave one of them out.",
  ]);
}

function idsOf(accounts: readonly KnownAccount[]): string[] {
  return accounts.map(({ accountId }) => accountId);
}

/** Returns why a text does not select what it should; `undefined`: it does. */
function problemOf(
  given: string,
  { accounts, byGlob }: Match,
  known: readonly KnownAccount[],
  one: string | undefined,
): string | undefined {
  const count = accounts.length;
  if (count === 0) {
    const { accounts: ended } = matchOf(given, known.filter(({ onlyWhole }) => onlyWhole).map(withoutRule), false);
    return ended.length === 0
      ? `unknown account ${given || '""'}.${suggestions(given, known)}`
      : `${given} matches only accounts that have ended: ${labels(ended)}. Give the whole id or the whole name.`;
  }
  if (byGlob && one !== undefined) {
    return `${given} matches ${counted(count, "account")}: ${labels(accounts)}. ${one} one account: give its id or its name.`;
  }
  if (byGlob || count === 1) return undefined;
  return `${given} is ambiguous: it matches ${labels(accounts)}. Give more characters, or the id.`;
}

function withoutRule({ onlyWhole: _, ...account }: KnownAccount): KnownAccount {
  return account;
}

function isIncluded(account: KnownAccount, { type, owner, key }: AccountSelection): boolean {
  const isOfType = type === undefined || type.some((one) => account.type === one);
  const isOfKey = key === undefined || key.some((one) => account.key === one);
  return isOfType && isOfKey && (owner === undefined || owner.some((one) => isOwnedBy(account, one)));
}

function isOwnedBy({ owner = "" }: KnownAccount, start: string): boolean {
  return start !== "" && owner.startsWith(start);
}

function unknownValues(
  property: "type" | "owner" | "key",
  selection: AccountSelection,
  known: readonly KnownAccount[],
): string[] {
  const values = [...new Set(known.flatMap((account) => account[property] ?? []))].sort();
  const unknown = (selection[property] ?? []).filter(
    (given) =>
      !known.some((account) => (property === "owner" ? isOwnedBy(account, given) : account[property] === given)),
  );
  const expected = values.length === 0 ? `No account's ${property} is known.` : `Expected ${listed(values, "or")}.`;
  return unknown.map((given) => {
    const fix = values.length > MAX_MATCHES ? didYouMean(given, values) : ` ${expected}`;
    return `--${property}: no account has the ${property} ${given || '""'}.${fix}`;
  });
}

/** The accounts that a text selects. */
interface Match {
  readonly accounts: readonly KnownAccount[];
  /** Whether the text does so as a glob: then it may stand for any number of accounts. */
  readonly byGlob: boolean;
}

/**
 * Returns the accounts of the first way to match that finds any. Whole ids and newest names are tried with exact case first;
 * everything else ignores case.
 * @param newestOnly whether former names select nothing
 */
function matchOf(given: string, known: readonly KnownAccount[], newestOnly: boolean): Match {
  // An empty text, such as that of a variable that is not set, is no prefix: it could select the only account.
  if (given === "") return { accounts: [], byGlob: false };
  const wanted = given.toLowerCase();
  const byGlob = isGlob(wanted);
  const isWhole = (text: string) => text.toLowerCase() === wanted;
  const isPart = (text: string) =>
    byGlob ? matchesGlob(wanted, text.toLowerCase()) : text.toLowerCase().startsWith(wanted);
  const ids = ({ accountId }: KnownAccount) => [accountId, accountId.replace(ID_PREFIX, "")];
  const isStartOfId = (account: KnownAccount) => ids(account).some((id) => id.startsWith(given));
  const former = ({ formerNames = [], onlyWhole }: KnownAccount) => (newestOnly || onlyWhole ? [] : formerNames);
  const parts = (account: KnownAccount) => (account.onlyWhole ? [] : [...ids(account), account.name ?? ""]);
  const wholeWays = [
    (account: KnownAccount) => ids(account).includes(given),
    // An id as a table prints it, also if an account has such a name.
    (account: KnownAccount) => given.length >= SHORT_ID_LENGTH && parts(account).length > 0 && isStartOfId(account),
    ({ name }: KnownAccount) => name === given,
    ({ name = "" }: KnownAccount) => isWhole(name),
    (account: KnownAccount) => former(account).some(isWhole),
  ];
  const partWays = [
    (account: KnownAccount) => parts(account).some(isPart),
    (account: KnownAccount) => former(account).some(isPart),
  ];
  const firstOf = (ways: typeof wholeWays) =>
    ways.map((isMatch) => known.filter(isMatch)).find(({ length }) => length > 0);
  const whole = firstOf(wholeWays);
  const found = whole ?? firstOf(partWays) ?? [];
  const accounts = [...found].sort((a, b) => (a.accountId < b.accountId ? -1 : 1));
  return { accounts, byGlob: byGlob && whole === undefined };
}

function labels(accounts: readonly KnownAccount[]): string {
  const more = accounts.length - MAX_MATCHES;
  const texts = accounts.slice(0, MAX_MATCHES).map(({ accountId, name }) => accountLabel(accountId, name));
  return listed(more > 0 ? [...texts, `${more} more`] : texts, "and");
}

function suggestions(given: string, known: readonly KnownAccount[]): string {
  const isId = given.startsWith("account_");
  const texts = known.map(({ accountId, name }) => (isId ? accountId : (name ?? accountId)));
  return didYouMean(given, texts);
}
