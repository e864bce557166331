import pMap from "p-map";
import { type AccountActivities, type AccountDescription, hasNotEnded, isActive } from "../domain/account-activity.ts";
import { JobError, WalkError } from "../domain/errors.ts";
import { knownOfKey } from "./account-keys.ts";
import type { AbsentAccount } from "./moving-accounts.ts";
import type { Run, RunSettings } from "./run.ts";
import type { RunAccount } from "./run-accounts.ts";

/** Accounts that have not ended, and that are not among those of a run. */
interface AbsentAccounts {
  /** Their absence is a failure of the run. */
  readonly refused: readonly RunAccount[];
  /** All of them that a scheduled run leaves out. */
  readonly absent: readonly AbsentAccount[];
}

/** Why an account is absent. `missing`: nobody knows. */
type Absence = "not_configured" | "excluded" | "not_found" | "missing";

const REASONS = {
  not_configured: "The configuration no longer has the account.",
  excluded: "The API no longer lists the account, and the configured filters exclude it.",
  not_found: "The API no longer lists the account, and does not find it.",
};

const RETIRE = "If it is gone for good, end it: balances accounts retire";

/**
 * Returns the active and pending accounts that a run leaves out, if it covers all configured accounts. Only a scheduled run
 * ends accounts or gives them up: a manual run may use another key or other filters. ADR 14 explains the rules, and ADR 26 those of
 * several keys.
 * @param all the accounts in the table, of all keys
 * @param present the configured accounts, or those that the API lists
 * @throws JobError if the API lists none of the active accounts, although the filters include them
 */
export async function absentAccounts(
  run: Run,
  all: AccountActivities | undefined,
  present: readonly string[],
): Promise<AbsentAccounts> {
  const { request, settings } = run;
  const isListed = request.accounts === "all";
  const isScheduled = request.trigger === "schedule";
  // A request that names its accounts says nothing about others. A configured list changes only with the configuration.
  if (all === undefined || request.dryRun || request.accounts !== settings.accounts) return NONE;
  if (!isListed && !isScheduled) return NONE;
  const known = knownOfKey(run, all);
  const isPresent = new Set(present);
  const absent = [...known]
    .filter(([accountId, activity]) => hasNotEnded(activity) && !isPresent.has(accountId))
    // A late run says nothing about an account that has started since.
    .filter(([, { periods }]) => (periods.at(-1)?.since ?? "") < request.slot)
    .map(([accountId]) => accountId);
  const absences = await pMap(
    absent,
    async (accountId) => [accountId, isListed ? await absenceOf(run, accountId) : "not_configured"] as const,
    { concurrency: settings.accountsAtOnce },
  );
  return decide(run, new Map(absences), known);
}

const NONE: AbsentAccounts = { refused: [], absent: [] };

function decide(
  { request, settings }: Run,
  absences: ReadonlyMap<string, Absence>,
  known: AccountActivities,
): AbsentAccounts {
  const isScheduled = request.trigger === "schedule";
  const active = [...known].flatMap(([accountId, activity]) => (isActive(activity) ? accountId : []));
  const allAbsent = isScheduled && active.length > 0 && active.every((accountId) => absences.has(accountId));
  const isByConfiguration = (accountId: string) =>
    ["not_configured", "excluded"].includes(absences.get(accountId) ?? "missing");
  if (allAbsent && !active.every(isByConfiguration)) throw allEnded(active.length, settings);
  const refused: RunAccount[] = [];
  const absent: AbsentAccount[] = [];
  for (const [accountId, absence] of absences) {
    // The accounts of a new configuration still get their snapshots. The first run after one of them has started ends these.
    const isLast = allAbsent && isActive(known.get(accountId));
    if (isLast) refused.push({ accountId, refusal: notConfigured(accountId) });
    else if (absence === "missing" || (!isScheduled && absence !== "excluded")) {
      refused.push({ accountId, refusal: notListed(accountId) });
    }
    if (isScheduled) absent.push({ accountId, ...(!isLast && absence !== "missing" && { reason: REASONS[absence] }) });
  }
  return { refused, absent };
}

async function absenceOf({ dependencies, deadline, settings }: Run, accountId: string): Promise<Absence> {
  try {
    const account = await dependencies.source.account(accountId, deadline);
    if (account === undefined) return "not_found";
    return isExcluded(account, settings) ? "excluded" : "missing";
  } catch {
    // An account whose state is unknown must not end.
    return "missing";
  }
}

/** Whether the filters of the list exclude an account, as the API applies them. */
function isExcluded({ type, owner }: AccountDescription, settings: RunSettings): boolean {
  const owners = settings.accountsOwner?.split(",");
  const isOtherType = type !== undefined && settings.accountsType !== undefined && type !== settings.accountsType;
  const isOtherOwner =
    owner !== undefined && owners !== undefined && !owners.some((one) => one === owner || owner.startsWith(`${one}_`));
  return isOtherType || isOtherOwner;
}

function notListed(accountId: string): WalkError {
  return new WalkError("account_not_listed", `The API no longer lists ${accountId}.`, {
    suggestedFix: `Check the key's project, its permission and the configured filters. ${RETIRE} ${accountId}`,
  });
}

function notConfigured(accountId: string): WalkError {
  return new WalkError(
    "account_not_configured",
    `The configuration excludes every active account, so ${accountId} does not end yet.`,
    {
      suggestedFix:
        "If the configuration is right, do nothing: the account ends with the next run after another account has started. " +
        "Otherwise restore the list of accounts, or the filters.",
    },
  );
}

function allEnded(count: number, { key }: RunSettings): JobError {
  const isOne = count === 1;
  const accounts = isOne ? "the only active account" : `any of the ${count} active accounts`;
  const orMoved = key === undefined ? "" : " Accounts that another key lists move to it with the next run of that key.";
  return new JobError("all_accounts_ended", `The API does not list ${accounts}.`, {
    suggestedFix:
      "This is mostly the key of another project, or a wrong filter: put the right one back. " +
      `If ${isOne ? "the account is gone for good, end it" : "the accounts are gone for good, end them"}: balances accounts retire ID.${orMoved}`,
  });
}
