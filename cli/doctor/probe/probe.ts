import { randomUUID } from "node:crypto";
import type { Page } from "../../../core/coinbase/decode.ts";
import { decodeAccount, decodeAccountsPage, decodeBalance, decodeBalancesPage } from "../../../core/coinbase/schema.ts";
import { decodeTransfersPage } from "../../../core/coinbase/transfer-schema.ts";
import type { AccountDescription } from "../../../core/domain/account-activity.ts";
import type { Balance } from "../../../core/domain/balance.ts";
import { type ApiConnection, unknownKey } from "../api-client.ts";
import {
  compareNext,
  compareQuantity,
  compareReads,
  countBalances,
  countUnordered,
  describePageToken,
  symbolsOf,
} from "./findings.ts";
import { Interview, isPage, type ResponseCounts, type ResponseRecord } from "./interview.ts";

/** What the API does where its documentation is silent, without ids, amounts, names, tokens and keys. */
export interface Probe {
  readonly findings: Readonly<Record<string, unknown>>;
  readonly counts: ResponseCounts;
  readonly responses: readonly ResponseRecord[];
}

type Findings = Record<string, unknown>;

const ACCOUNTS = "/v2/accounts";
const TRANSFERS = "/v2/transfers";
/** The job's own first page size. */
const LARGE = "100";
/** Above the maximum of other lists, and the largest that can be configured. */
const TOO_LARGE = ["101", "1000"] as const;
/** The probe asks about the account with the most assets among this many. */
const MAX_ACCOUNTS = 3;
const COMMON_ASSETS = ["btc", "eth", "usd", "usdc", "eur", "sol", "xtz", "icp", "mana"];

/**
 * Sends about 25 requests, most of them about one account. A failed request is part of the record: `Interview.ask` returns
 * its status instead of throwing.
 * @param requestedIds the accounts to choose from, of which the first three count; if empty, those that the API lists
 */
export async function probeApi(connection: ApiConnection, requestedIds: readonly string[]): Promise<Probe> {
  const interview = new Interview(connection);
  const findings: Findings = {};
  const listedIds = await askAboutAccounts(interview, findings);
  const ids = (requestedIds.length > 0 ? requestedIds : listedIds).slice(0, MAX_ACCOUNTS);
  const largest = await largestAccount(interview, ids);
  if (largest !== undefined) {
    await askAboutBalances(interview, findings, largest);
    const transfers = { request: TRANSFERS, path: TRANSFERS, query: { pageSize: LARGE } };
    await interview.ask({ ...transfers, decode: decodeTransfersPage });
  }
  await askForErrors(interview, largest?.path);
  return { findings, counts: interview.counts, responses: interview.responses };
}

async function askAboutAccounts(interview: Interview, findings: Findings): Promise<string[]> {
  const list = (pageSize: string, variant: string) =>
    interview.ask({
      ...{ request: ACCOUNTS, variant },
      path: ACCOUNTS,
      query: { pageSize },
      decode: decodeAccountsPage,
    });
  const idsOf = ({ items }: Page<AccountDescription>) => items.map(({ accountId }) => accountId);
  const first = await list(LARGE, `page size ${LARGE}`);
  if (!isPage(first)) return [];
  const again = await list(LARGE, "again");
  if (isPage(again)) findings["accountsReadTwice"] = compareReads(idsOf(first), idsOf(again));
  const short = await list("1", "page size 1");
  if (isPage(short) && short.next !== undefined) findings["accountsPageToken"] = describePageToken(short.next);
  const [id] = idsOf(first);
  if (id !== undefined) {
    await interview.ask({ request: `${ACCOUNTS}/{account}`, path: `${ACCOUNTS}/${id}`, decode: decodeAccount });
  }
  return idsOf(first);
}

interface ProbedAccount {
  readonly path: string;
  readonly page: Page<Balance>;
}

const BALANCES = `${ACCOUNTS}/{account}/balances`;

function askForPage(
  interview: Interview,
  path: string,
  variant: string,
  query: Record<string, string>,
  input?: string,
) {
  const question = { request: BALANCES, variant, path, query, decode: decodeBalancesPage };
  return interview.ask(input === undefined ? question : { ...question, input });
}

async function largestAccount(interview: Interview, ids: readonly string[]): Promise<ProbedAccount | undefined> {
  let largest: ProbedAccount | undefined;
  for (const id of ids) {
    const path = `${ACCOUNTS}/${id}/balances`;
    const page = await askForPage(interview, path, `page size ${LARGE}`, { pageSize: LARGE });
    if (isPage(page) && page.items.length >= (largest?.page.items.length ?? 0)) largest = { path, page };
  }
  return largest;
}

async function askAboutBalances(interview: Interview, findings: Findings, account: ProbedAccount): Promise<void> {
  const { path, page } = account;
  const symbols = symbolsOf(page.items);
  findings["balances"] = countBalances(page.items);
  findings["balancesByValue"] = countUnordered(page.items);
  const again = await askForPage(interview, path, "again", { pageSize: LARGE });
  if (isPage(again)) findings["balancesReadTwice"] = compareReads(symbols, symbolsOf(again.items));
  const usual = await askForPage(interview, path, "no page size", {});
  if (isPage(usual)) findings["defaultPageSize"] = usual.next === undefined ? "all on one page" : usual.items.length;
  await askAboutTokens(interview, findings, account);
  const single = (symbol: string, variant: string) => {
    const question = { request: `${BALANCES}/{asset}`, variant, decode: decodeBalance, input: symbol };
    return interview.ask({ ...question, path: `${path}/${encodeURIComponent(symbol)}` });
  };
  const [listed] = page.items;
  if (listed !== undefined) {
    const alone = await single(listed.asset.symbol, "the first of the list");
    if (typeof alone !== "number") findings["balanceAlone"] = compareQuantity(listed, alone);
  }
  const isComplete = page.next === undefined;
  const notHeld = isComplete ? COMMON_ASSETS.find((symbol) => !symbols.includes(symbol)) : undefined;
  if (notHeld !== undefined) await single(notHeld, "an asset that is not held");
  await single("zzprobe", "an asset that does not exist");
}

/** Reads the first half of a page, and the rest with its token. */
async function askAboutTokens(interview: Interview, findings: Findings, account: ProbedAccount): Promise<void> {
  const { path, page } = account;
  const symbols = symbolsOf(page.items);
  const half = Math.floor(symbols.length / 2);
  if (half === 0) return;
  const pageSize = String(half);
  const first = await askForPage(interview, path, "half a page", { pageSize });
  const again = await askForPage(interview, path, "half a page, again", { pageSize });
  if (!isPage(first) || first.next === undefined) return;
  const pageToken = first.next;
  findings["pageToken"] = describePageToken(pageToken);
  if (isPage(again)) findings["pageTokenReadTwice"] = again.next === pageToken ? "same token" : "another token";
  const next = async (finding: string, variant: string, query: Record<string, string>) => {
    const answer = await askForPage(interview, path, variant, { ...query, pageToken });
    const found = isPage(answer) ? compareNext(symbols, half, symbolsOf(answer.items)) : `HTTP ${answer}`;
    findings[finding] = found;
  };
  await next("secondPage", "the next page", { pageSize });
  await next("pageTokenUsedTwice", "the next page, again", { pageSize });
  await next("pageTokenWithOtherPageSize", "the next page, page size 100", { pageSize: LARGE });
}

/** @param path of an account's balances */
async function askForErrors(interview: Interview, path: string | undefined): Promise<void> {
  if (path !== undefined) {
    for (const pageSize of ["0", ...TOO_LARGE]) {
      await askForPage(interview, path, `page size ${pageSize}`, { pageSize });
    }
    await askForPage(interview, path, "a page token that is not valid", { pageToken: "probe" }, "probe");
  }
  const unknownId = `account_${randomUUID()}`;
  const unknown = { variant: "an account that does not exist", input: unknownId };
  const unknownPath = `${ACCOUNTS}/${unknownId}`;
  await interview.ask({ request: `${ACCOUNTS}/{account}`, ...unknown, path: unknownPath, decode: decodeAccount });
  const balances = { request: BALANCES, ...unknown, path: `${unknownPath}/balances` };
  await interview.ask({ ...balances, decode: decodeBalancesPage });
  const key = unknownKey();
  const variant = "a key that does not exist";
  await interview.ask({ request: ACCOUNTS, variant, path: ACCOUNTS, decode: decodeAccountsPage, input: key.id }, key);
}
