import pMap from "p-map";
import { JobError, toJobError, WalkError } from "../domain/errors.ts";
import type { BalanceSource } from "../domain/ports.ts";
import type { Run } from "./run.ts";

/** The accounts of a run, and where their balances come from. */
export interface RunAccounts {
  readonly accountIds: readonly string[];
  readonly source: BalanceSource;
}

const NOT_LISTED = "account_not_listed";

/**
 * The accounts to walk. Where all are wanted, those that the table knows and the API's list does not show are among them,
 * with a source that answers with just that: an account never drops out without a record that says so. Likewise, with the
 * failure as the answer, where the list cannot be had.
 * @throws JobError where there is neither a list nor a known account
 */
export async function accountsOf(run: Run): Promise<RunAccounts> {
  const { source, store } = run.dependencies;
  const { request, deadline } = run;
  if (request.accounts !== "all") return { accountIds: request.accounts, source };
  try {
    const listed = await source.listAccounts(deadline);
    if (listed.length === 0) throw noAccounts();
    const dropped = request.dryRun ? [] : await droppedOut(run, new Set(listed));
    return { accountIds: [...listed, ...dropped], source: refusing(source, dropped, notListed) };
  } catch (thrown) {
    const known = request.dryRun ? [] : [...(await store.accounts()).keys()];
    if (known.length === 0) throw thrown;
    return { accountIds: known, source: refusing(source, known, () => thrown) };
  }
}

/** Accounts that were listed until now. Of those that were missed in an earlier slot already, everything is said. */
async function droppedOut({ dependencies, request, settings }: Run, listed: ReadonlySet<string>): Promise<string[]> {
  try {
    const unlisted = [...(await dependencies.store.accounts()).keys()].filter((accountId) => !listed.has(accountId));
    const told = await pMap(
      unlisted,
      async (accountId) => {
        const newest = await dependencies.store.newest(accountId);
        return newest?.status === "failed" && newest.attempt.code === NOT_LISTED && newest.attempt.slot < request.slot;
      },
      { concurrency: settings.accountsAtOnce },
    );
    return unlisted.filter((_, at) => !told[at]);
  } catch (thrown) {
    dependencies.telemetry.warning("Whether an account dropped out of the API's list is unknown", toJobError(thrown));
    return [];
  }
}

/** The source, but for some accounts of which it tells nothing. */
function refusing(
  source: BalanceSource,
  accountIds: readonly string[],
  reason: (id: string) => unknown,
): BalanceSource {
  const refused = new Set(accountIds);
  return {
    listAccounts: (signal) => source.listAccounts(signal),
    pass: (id, ...asked) => (refused.has(id) ? Promise.reject(reason(id)) : source.pass(id, ...asked)),
    balance: (...asked) => source.balance(...asked),
  };
}

function notListed(accountId: string): WalkError {
  return new WalkError(
    NOT_LISTED,
    `The API's list of accounts no longer shows ${accountId}. If it was closed, or a filter was configured that leaves it ` +
      "out, all is well: this is its last record until it is listed again. If not, check the key's project and its permission.",
  );
}

function noAccounts(): JobError {
  return new JobError(
    "no_accounts",
    "The API lists no account for this key and these filters. Check the key's project, its permission " +
      "accounts:read@entity, and the configured owner and type.",
  );
}
