import { Big } from "big.js";
import { compareText, newestFirst } from "./order.ts";
import { cutPage, type PageRequest } from "./pages.ts";
import type { RequestTarget } from "./request-target.ts";
import { ApiError, type ApiResponse, jsonResponse } from "./response.ts";
import { getTransfer, listTransfers } from "./transfers.ts";
import type { SimulatedAccount, WireBalance, WireTransfer } from "./wire.ts";

interface RouteContext extends Pick<PageRequest, "maxPageSize" | "modifiers"> {
  method: string;
  target: RequestTarget;
  accounts: readonly SimulatedAccount[];
  transfers: () => readonly WireTransfer[];
  /** Whether the key has the permission for transfers, which is not that for balances. */
  mayReadTransfers: boolean;
}

/** The format of an account id, from the schema `AccountId` of the API's OpenAPI document. */
const ACCOUNT_ID = /^account_[a-f0-9-]{36}$/;
/** Valid values of the parameter `owner`: the id of one owner, or a type to match all owners of that type. */
const OWNER = /^(entity|customer)(_[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})?$/;
const ACCOUNT_TYPES = ["prime", "business", "cdp"];

/** Dispatches an authorized request to its endpoint. @throws ApiError if the request is invalid */
export function route(context: RouteContext): ApiResponse {
  const { method, target } = context;
  if (target.endpoint === undefined) throw new ApiError(404, `No such path: ${target.path}`);
  if (method !== "GET") throw new ApiError(405, `Method ${method} is not allowed.`);
  switch (target.endpoint) {
    case "accounts":
      return listAccounts(context);
    case "account":
      return jsonResponse(200, withoutBalances(findAccount(context)));
    case "balances":
      return listBalances(context);
    case "balance":
      return getBalance(context);
    case "transfers":
    case "transfer":
      if (!context.mayReadTransfers) throw new ApiError(403, "The API key lacks the permission transfers:read.");
      return target.endpoint === "transfers" ? listTransfers(context) : getTransfer(context);
  }
}

function listAccounts({ target: { path, query }, accounts, maxPageSize, modifiers }: RouteContext): ApiResponse {
  const { owner, type } = query;
  const owners = owner?.split(",");
  if (owners?.some((value) => !OWNER.test(value))) throw new ApiError(400, "Invalid query parameters: owner.");
  if (type !== undefined && !ACCOUNT_TYPES.includes(type)) throw new ApiError(400, "Invalid query parameters: type.");

  const matching = accounts.filter(
    (account) =>
      (type === undefined || account.type === type) &&
      (owners === undefined || owners.includes(account.owner) || owners.includes(account.owner.split("_")[0] ?? "")),
  );
  const list = JSON.stringify([path, owner, type]);
  const sorted = newestFirst(matching, ({ accountId }) => accountId);
  const { entries, ...next } = cutPage(sorted, { list, query, maxPageSize, modifiers });
  return jsonResponse(200, { accounts: entries.map(withoutBalances), ...next });
}

function listBalances(context: RouteContext): ApiResponse {
  const { path: list, query } = context.target;
  const { maxPageSize, modifiers } = context;
  const sorted = mostValuableFirst(findAccount(context).balances);
  const { entries: balances, ...next } = cutPage(sorted, { list, query, maxPageSize, modifiers });
  return jsonResponse(200, { balances, ...next });
}

function getBalance(context: RouteContext): ApiResponse {
  const symbol = decodeSymbol(context.target.asset ?? "");
  if (symbol.length > 42) throw new ApiError(400, "Invalid account ID or asset symbol.");
  const balance = findAccount(context).balances.find(({ asset }) => asset.symbol === symbol);
  if (balance === undefined) throw new ApiError(404, "Account or asset not found.");
  return jsonResponse(200, balance);
}

function findAccount({ target: { accountId = "" }, accounts }: RouteContext): SimulatedAccount {
  if (!ACCOUNT_ID.test(accountId)) throw new ApiError(400, "Invalid account ID.");
  const account = accounts.find((candidate) => candidate.accountId === accountId);
  if (account === undefined) throw new ApiError(404, "Account not found.");
  return account;
}

function withoutBalances({ balances: _, ...account }: SimulatedAccount): Omit<SimulatedAccount, "balances"> {
  return account;
}

function decodeSymbol(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new ApiError(400, "Invalid account ID or asset symbol.");
  }
}

/** Sorts balances as the API does: by total in usd, largest first. Balances without a usd amount come last, by symbol. */
function mostValuableFirst(balances: readonly WireBalance[]): WireBalance[] {
  return balances
    .map((balance) => ({ balance, value: usdTotal(balance) }))
    .sort((a, b) => {
      const bySymbol = compareText(a.balance.asset.symbol, b.balance.asset.symbol);
      if (a.value === undefined || b.value === undefined) {
        return Number(a.value === undefined) - Number(b.value === undefined) || bySymbol;
      }
      return b.value.cmp(a.value) || bySymbol;
    })
    .map(({ balance }) => balance);
}

/** Uses decimal arithmetic, so that values that differ only in their last digit are sorted correctly. */
function usdTotal({ amount: { usd } }: WireBalance): Big | undefined {
  try {
    return new Big(usd?.total ?? "");
  } catch {
    // The amount is absent, or a test made it invalid to see how the client reacts.
    return undefined;
  }
}
