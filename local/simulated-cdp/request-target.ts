import { parsePageToken } from "./pages.ts";

/** The parsed target of a request. */
export interface RequestTarget {
  /** One of the OpenAPI document's four endpoints; undefined for any other path. */
  endpoint: "accounts" | "account" | "balances" | "balance" | undefined;
  /** As received, without the query string. This is the path that a token signs. */
  path: string;
  query: Record<string, string>;
  /** As received; not validated. */
  accountId: string | undefined;
  /** As received; still percent-encoded. */
  asset: string | undefined;
  /** The page number in a list, from 1; 0 if the endpoint is not a list or the page token is invalid. */
  page: number;
}

const PATH = /^\/platform\/v2\/accounts(?:\/(?<accountId>[^/]+)(?<list>\/balances(?:\/(?<asset>[^/]+))?)?)?$/;

/** Parses a request's target, such as `/platform/v2/accounts?pageSize=5`. */
export function parseRequestTarget(url: string): RequestTarget {
  const [path = "", ...search] = url.split("?");
  const query = Object.fromEntries(new URLSearchParams(search.join("?")));
  const match = PATH.exec(path);
  const { accountId, list, asset } = match?.groups ?? {};

  let endpoint: RequestTarget["endpoint"];
  if (match === null) endpoint = undefined;
  else if (accountId === undefined) endpoint = "accounts";
  else if (list === undefined) endpoint = "account";
  else endpoint = asset === undefined ? "balances" : "balance";

  return { endpoint, path, query, accountId, asset, page: pageOf(endpoint, query) };
}

function pageOf(endpoint: RequestTarget["endpoint"], { pageToken }: Record<string, string>): number {
  if (endpoint !== "accounts" && endpoint !== "balances") return 0;
  return pageToken === undefined ? 1 : (parsePageToken(pageToken)?.page ?? 0);
}
