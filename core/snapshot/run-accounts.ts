import type { AccountActivities, AccountDescription } from "../domain/account-activity.ts";
import { JobError } from "../domain/errors.ts";
import type { KeyLists } from "../domain/key-list.ts";
import { absentAccounts } from "./absent-accounts.ts";
import { withKeys } from "./account-keys.ts";
import type { AbsentAccount } from "./moving-accounts.ts";
import type { Run } from "./run.ts";

/** An account of a run. */
export interface RunAccount {
  readonly accountId: string;
  readonly description?: AccountDescription;
  /** Another key than that of the run has served the account until now. */
  readonly isNewToKey?: boolean;
  /** Another configured key serves the account, although the API lists it for the key of the run, too. */
  readonly isShared?: boolean;
  /** Why the account cannot be walked; recorded as its failure. */
  readonly refusal?: unknown;
  /** The account is neither configured nor listed, and the table does not know it: its failure is not recorded. */
  readonly isStranger?: boolean;
}

/** The accounts of a run, and those that its key does not list any more. */
export interface RunPlan {
  readonly accounts: readonly RunAccount[];
  readonly absent: readonly AbsentAccount[];
}

/**
 * Returns the accounts of a run. If the run covers every account, the result includes the active accounts that the API does
 * not list, each as refused or as absent, so that no account disappears without a record.
 * @param known the accounts in the table; `undefined`: not read
 * @throws JobError if no account can be walked: the list of accounts is unavailable or empty, or lacks every active account
 */
export async function runAccounts(run: Run, known: AccountActivities | undefined): Promise<RunPlan> {
  const { accounts } = run.request;
  const found = accounts === "all" ? await listedAccounts(run) : requestedAccounts(run, accounts, known);
  const lists =
    known === undefined || run.settings.key === undefined ? NO_LISTS : await run.dependencies.store.keyLists();
  const present = withKeys(run, known, lists, found);
  const ids = present.map(({ accountId }) => accountId);
  const { refused, absent } = await absentAccounts(run, known, ids);
  return { accounts: [...present, ...refused], absent };
}

const NO_LISTS: KeyLists = new Map();

function requestedAccounts({ settings }: Run, ids: readonly string[], known: AccountActivities | undefined) {
  return ids.map((accountId) => ({
    accountId,
    isStranger: settings.accounts === "all" && !known?.has(accountId),
  }));
}

async function listedAccounts({ dependencies, settings, deadline }: Run): Promise<RunAccount[]> {
  const descriptions = await dependencies.source.listAccounts(deadline);
  if (descriptions.length === 0) {
    const { key } = settings;
    const orRemove =
      key === undefined ? "" : ` If other keys have taken over all of its accounts, remove the key ${key}.`;
    throw new JobError("no_accounts", "The API lists no accounts for this key and these filters.", {
      suggestedFix:
        "Check the key's project, its permission accounts:read@entity, and the configured filters for owner and type." +
        orRemove,
    });
  }
  return descriptions.map((description) => ({ accountId: description.accountId, description }));
}
