import { readPageToken } from "./pages.ts";

/** What a request asks for. */
export interface Target {
  /** One of the four of the OpenAPI document; undefined for any other path. */
  endpoint: "accounts" | "account" | "balances" | "balance" | undefined;
  /** As received, without the query string: it is what a token signs. */
  path: string;
  query: Record<string, string>;
  /** As received, not checked. */
  accountId: string | undefined;
  /** As received: still percent-encoded. */
  asset: string | undefined;
  /** Which page of a list, from 1; 0 for what is not a list and for a token that cannot be read. */
  page: number;
}

const PATH = /^\/platform\/v2\/accounts(?:\/(?<accountId>[^/]+)(?<list>\/balances(?:\/(?<asset>[^/]+))?)?)?$/;

/** Reads a request's target, such as `/platform/v2/accounts?pageSize=5`. */
export function readTarget(url: string): Target {
  const [path = "", ...search] = url.split("?");
  const query = Object.fromEntries(new URLSearchParams(search.join("?")));
  const match = PATH.exec(path);
  const { accountId, list, asset } = match?.groups ?? {};

  let endpoint: Target["endpoint"];
  if (match === null) endpoint = undefined;
  else if (accountId === undefined) endpoint = "accounts";
  else if (list === undefined) endpoint = "account";
  else endpoint = asset === undefined ? "balances" : "balance";

  return {
    endpoint,
    path,
    query,
    accountId,
    asset,
    page: pageOf(endpoint, query),
  };
}

function pageOf(endpoint: Target["endpoint"], { pageToken }: Record<string, string>): number {
  if (endpoint !== "accounts" && endpoint !== "balances") return 0;
  return pageToken === undefined ? 1 : (readPageToken(pageToken)?.page ?? 0);
}
