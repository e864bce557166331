import pMap from "p-map";
import { PageSize } from "../../core/coinbase/page-size.ts";
import { decodeBalancesPage } from "../../core/coinbase/schema.ts";
import { type Access, UNLIMITED } from "./access.ts";
import { apiSuggestedFix, told } from "./api-failure.ts";
import {
  type CheckResult,
  type CheckResults,
  condensed,
  failed,
  ok,
  type Prerequisite,
  skipped,
} from "./check-result.ts";

const ACCOUNTS_AT_ONCE = 8;

/**
 * The first page of each account's balances: as large as the job would have it, for the size is part of what can go wrong.
 * @param asked the accounts that were given; none: those that the API lists
 * @param pageSize the configured one
 */
export async function* checkAccounts(
  access: Prerequisite<Access>,
  asked: readonly string[],
  pageSize: number | undefined,
): CheckResults {
  const listed = access.value?.listed;
  const ids = asked.length > 0 ? asked : (listed?.value ?? []);
  if (access.value === undefined || ids.length === 0) {
    yield* skipped(["page", "account"], access.missing ?? listed?.missing ?? "the key sees no account");
    return;
  }
  const { client } = access.value;
  const size = new PageSize(pageSize);
  const sizes: number[] = [];
  const look = async (accountId: string): Promise<CheckResult> => {
    const path = `/v2/accounts/${accountId}/balances`;
    try {
      const ask = (pageSize: number) => client.get(path, { pageSize: String(pageSize) }, decodeBalancesPage, UNLIMITED);
      const { page, pageSize: taken } = await size.firstPage(ask);
      sizes.push(taken);
      return { ...ok("account", holdings(page.items.length, page.next !== undefined)), accountId };
    } catch (thrown) {
      return { ...failed("account", told(thrown), apiSuggestedFix(thrown)), accountId };
    }
  };
  const [first, ...others] = ids;
  // Before the others: it finds the size of a page for all of them.
  const findings = [await look(first as string)];
  findings.push(...(await pMap(others, look, { concurrency: ACCOUNTS_AT_ONCE })));
  const taken = sizes.length === 0 ? undefined : Math.min(...sizes);
  if (taken === undefined) yield* skipped(["page"], "no account answers");
  else yield ok("page", `the server takes ${taken} balances a page`);
  yield* condensed(findings);
}

function holdings(assets: number, more: boolean): string {
  if (more) return `${assets} assets on its first page, and more to follow`;
  return assets === 0 ? "holds nothing" : `${assets} ${assets === 1 ? "asset" : "assets"}, all on one page`;
}
