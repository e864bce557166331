import pMap from "p-map";
import { JobError, toJobError, WalkError } from "../domain/errors.ts";
import type { Run } from "./run.ts";

/** An account of a run. */
export interface RunAccount {
  readonly accountId: string;
  /** Why the account cannot be walked; recorded as its failure. */
  readonly refusal?: unknown;
}

const NOT_LISTED = "account_not_listed";

/**
 * Returns the accounts of a run. If the run covers every account, the result includes accounts of the catalog that the API
 * no longer lists, so that no account disappears without a record.
 * @throws JobError if the key is unusable, or the list of accounts is unavailable or empty: no account can be walked
 */
export async function runAccounts(run: Run): Promise<readonly RunAccount[]> {
  const { dependencies, request, deadline } = run;
  await dependencies.source.checkKey();
  if (request.accounts !== "all") return request.accounts.map((accountId) => ({ accountId }));
  const listed = await dependencies.source.listAccounts(deadline);
  if (listed.length === 0) throw noAccounts();
  const unlisted = request.dryRun ? [] : await newlyUnlisted(run, new Set(listed));
  return [
    ...listed.map((accountId) => ({ accountId })),
    ...unlisted.map((accountId) => ({ accountId, refusal: notListed(accountId) })),
  ];
}

/** Returns accounts that the API no longer lists, except those whose last record already says so. */
async function newlyUnlisted(run: Run, listed: ReadonlySet<string>): Promise<string[]> {
  const { dependencies, request, settings } = run;
  try {
    const unlisted = [...(await dependencies.store.accounts()).keys()].filter((accountId) => !listed.has(accountId));
    const recorded = await pMap(
      unlisted,
      async (accountId) => {
        const newest = await dependencies.store.newest(accountId);
        return newest?.status === "failed" && newest.attempt.code === NOT_LISTED && newest.attempt.slot < request.slot;
      },
      { concurrency: settings.accountsAtOnce },
    );
    return unlisted.filter((_, at) => !recorded[at]);
  } catch (thrown) {
    dependencies.telemetry.warning("Accounts that the API no longer lists are unknown", toJobError(thrown));
    return [];
  }
}

function notListed(accountId: string): WalkError {
  return new WalkError(NOT_LISTED, `The API no longer lists ${accountId}.`, {
    suggestedFix:
      "If the account was closed or a filter excludes it, do nothing: this is its last record until it is listed again. " +
      "Otherwise check the key's project and permission.",
  });
}

function noAccounts(): JobError {
  return new JobError("no_accounts", "The API lists no accounts for this key and these filters.", {
    suggestedFix:
      "Check the key's project, its permission accounts:read@entity, and the configured filters for owner and type.",
  });
}
