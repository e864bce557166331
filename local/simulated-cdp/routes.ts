import { cutPage, type PageTwists } from "./pages.ts";
import type { Target } from "./request-target.ts";
import { type Answer, ApiError, jsonAnswer } from "./response.ts";
import { inOrderOfCreation, inOrderOfValue } from "./sorting.ts";
import { ACCOUNT_ID, type SimulatedAccount } from "./wire.ts";

/** What an endpoint has to work with. */
export interface RouteContext {
  method: string;
  target: Target;
  accounts: readonly SimulatedAccount[];
  maxPageSize: number;
  twists: PageTwists;
}

/** The filter values of the parameter `owner`: a specific owner's id, or all owners of a type. */
const OWNER = /^(entity|customer)(_[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})?$/;
const ACCOUNT_TYPES = ["prime", "business", "cdp"];

/** Answers a request that may be answered, with one of the four endpoints; throws an ApiError otherwise. */
export function route(context: RouteContext): Answer {
  const { method, target } = context;
  if (target.endpoint === undefined) throw new ApiError(404, `No such path: ${target.path}`);
  if (method !== "GET") throw new ApiError(405, `Method ${method} is not allowed.`);
  switch (target.endpoint) {
    case "accounts":
      return listAccounts(context);
    case "account":
      return jsonAnswer(200, withoutBalances(findAccount(context)));
    case "balances":
      return listBalances(context);
    case "balance":
      return getBalance(context);
  }
}

function listAccounts({ target: { path, query }, accounts, maxPageSize, twists }: RouteContext): Answer {
  const { owner, type } = query;
  const owners = owner?.split(",");
  if (owners?.some((value) => !OWNER.test(value))) throw new ApiError(400, "Invalid query parameters: owner.");
  if (type !== undefined && !ACCOUNT_TYPES.includes(type)) throw new ApiError(400, "Invalid query parameters: type.");

  const found = accounts.filter(
    (account) =>
      (type === undefined || account.type === type) &&
      (owners === undefined || owners.includes(account.owner) || owners.includes(account.owner.split("_")[0] ?? "")),
  );
  const list = JSON.stringify([path, owner, type]);
  const { entries, ...next } = cutPage(inOrderOfCreation(found), {
    list,
    query,
    maxPageSize,
    twists,
  });
  return jsonAnswer(200, { accounts: entries.map(withoutBalances), ...next });
}

function listBalances(context: RouteContext): Answer {
  const { path: list, query } = context.target;
  const { maxPageSize, twists } = context;
  const ordered = inOrderOfValue(findAccount(context).balances);
  const { entries: balances, ...next } = cutPage(ordered, {
    list,
    query,
    maxPageSize,
    twists,
  });
  return jsonAnswer(200, { balances, ...next });
}

function getBalance(context: RouteContext): Answer {
  const symbol = unescapeSymbol(context.target.asset ?? "");
  if (symbol.length > 42) throw new ApiError(400, "Invalid account ID or asset symbol.");
  const balance = findAccount(context).balances.find(({ asset }) => asset.symbol === symbol);
  if (balance === undefined) throw new ApiError(404, "Account or asset not found.");
  return jsonAnswer(200, balance);
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

function unescapeSymbol(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new ApiError(400, "Invalid account ID or asset symbol.");
  }
}
