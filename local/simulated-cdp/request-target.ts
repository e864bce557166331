import { parsePageToken } from "./pages.ts";

/** The parsed target of a request. */
export interface RequestTarget {
  /** One of the six endpoints of the OpenAPI documents; undefined for any other path. */
  endpoint: "accounts" | "account" | "balances" | "balance" | "transfers" | "transfer" | undefined;
  /** As received, without the query string. This is the path that a token signs. */
  path: string;
  query: Record<string, string>;
  /** Of the path or, in the list of transfers, of the query. As received; not validated. */
  accountId: string | undefined;
  /** As received; still percent-encoded. */
  asset: string | undefined;
  /** As received; not validated. */
  transferId: string | undefined;
  /** The page number in a list, from 1; 0 if the endpoint is not a list or the page token is invalid. */
  page: number;
}

const ACCOUNTS = /^\/platform\/v2\/accounts(?:\/(?<accountId>[^/]+)(?<list>\/balances(?:\/(?<asset>[^/]+))?)?)?$/;
const TRANSFERS = /^\/platform\/v2\/transfers(?:\/(?<transferId>[^/]+))?$/;

/** Parses a request's target, such as `/platform/v2/accounts?pageSize=5`. */
export function parseRequestTarget(url: string): RequestTarget {
  const [path = "", ...search] = url.split("?");
  const query = Object.fromEntries(new URLSearchParams(search.join("?")));
  const match = ACCOUNTS.exec(path) ?? TRANSFERS.exec(path);
  const { accountId, list, asset, transferId } = match?.groups ?? {};

  let endpoint: RequestTarget["endpoint"];
  if (match === null) endpoint = undefined;
  else if (TRANSFERS.test(path)) endpoint = transferId === undefined ? "transfers" : "transfer";
  else if (accountId === undefined) endpoint = "accounts";
  else if (list === undefined) endpoint = "account";
  else endpoint = asset === undefined ? "balances" : "balance";

  const account = endpoint === "transfers" ? query["accountId"] : accountId;
  return { endpoint, path, query, accountId: account, asset, transferId, page: pageOf(endpoint, query) };
}

function pageOf(endpoint: RequestTarget["endpoint"], { pageToken }: Record<string, string>): number {
  if (endpoint !== "accounts" && endpoint !== "balances" && endpoint !== "transfers") return 0;
  return pageToken === undefined ? 1 : (parsePageToken(pageToken)?.page ?? 0);
}
