import pMap from "p-map";
import { PageSize } from "../../core/coinbase/page-size.ts";
import { decodeBalancesPage } from "../../core/coinbase/schema.ts";
import { counted } from "../shared/counted.ts";
import { type ApiAccess, apiFailure } from "./api-access.ts";
import { NO_DEADLINE } from "./api-client.ts";
import type { CheckResult, CheckResults } from "./check-result.ts";
import { failed, passed, skipped, summarizeAccounts } from "./check-result.ts";

const ACCOUNT_CONCURRENCY = 8;

/** More accounts would take long, and the API's limit is the job's, too. */
const MAX_ACCOUNTS = 200;

/**
 * Reads the first page of accounts' balances, with the job's page size because the API may refuse a size.
 * @param requestedIds the accounts to check; if empty, the first ones that the API lists
 * @param configuredPageSize `undefined`: start with the largest
 */
export async function* checkBalances(
  { client, listedIds, names }: ApiAccess,
  requestedIds: readonly string[],
  configuredPageSize: number | undefined,
): CheckResults {
  const ids = requestedIds.length > 0 ? requestedIds : (listedIds.value ?? []);
  const [firstId, ...otherIds] = requestedIds.length > 0 ? ids : ids.slice(0, MAX_ACCOUNTS);
  if (firstId === undefined) {
    yield* skipped(["page size", "balances"], listedIds.missingReason ?? "the key sees no accounts");
    return;
  }
  const pageSize = new PageSize(configuredPageSize);
  const acceptedSizes: number[] = [];
  const checkAccount = async (accountId: string): Promise<CheckResult> => {
    const name = names.get(accountId);
    const account = { accountId, ...(name && { accountName: name }) };
    const path = `/v2/accounts/${accountId}/balances`;
    try {
      const { page, pageSize: accepted } = await pageSize.firstPage((size) =>
        client.get(path, { pageSize: String(size) }, decodeBalancesPage, NO_DEADLINE),
      );
      acceptedSizes.push(accepted);
      return { ...passed("balances", describeHoldings(page.items.length, page.next !== undefined)), ...account };
    } catch (thrown) {
      const { message, suggestedFix } = apiFailure(thrown);
      return { ...failed("balances", message, suggestedFix), ...account };
    }
  };
  // The first account determines the page size for all others.
  const firstResult = await checkAccount(firstId);
  const otherResults = await pMap(otherIds, checkAccount, { concurrency: ACCOUNT_CONCURRENCY });
  if (acceptedSizes.length === 0) yield* skipped(["page size"], "no account could be read");
  else yield passed("page size", `the API accepts ${Math.min(...acceptedSizes)} balances per page`);
  yield* summarizeAccounts([firstResult, ...otherResults]);
  const left = ids.length - 1 - otherIds.length;
  if (left > 0)
    yield* skipped(["balances"], `${counted(left, "more account")}; to check others, name them with --account`);
}

function describeHoldings(assets: number, hasMore: boolean): string {
  if (hasMore) return `${assets} assets on the first page, more on further pages`;
  return assets === 0 ? "no assets" : `${counted(assets, "asset")} on one page`;
}
