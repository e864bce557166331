import type { AccountDescription } from "../domain/account-activity.ts";
import { type Amount, DECIMAL } from "../domain/amount.ts";
import type { Balance } from "../domain/balance.ts";
import { isObject } from "../domain/json.ts";
import { type Decoder, decode, decodePage, type Page } from "./decode.ts";
import { checkCount, checkText, type Path, Problems, type TextRule } from "./fields.ts";

// The API's responses, as its OpenAPI document describes them. New fields and new enum values are accepted, because the API
// is in beta; a missing or malformed amount is not. Everything that is accepted can be stored without loss: it is valid
// UTF-8, and fits into an item of the table.
// Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html

/** The API documents at most 42 characters. A longer symbol is accepted as long as it fits into a key of the table. */
const SYMBOL: TextRule = { maxBytes: 999, notEmpty: true };
const TEXT: TextRule = { maxBytes: 10_000 };
const DESCRIPTION: TextRule = { maxBytes: 1_000 };
const AMOUNT: TextRule = {
  maxBytes: 1_000,
  pattern: { regExp: DECIMAL, expected: "a plain decimal number as a string" },
};
const ACCOUNT_ID: TextRule = { pattern: { regExp: /^account_[a-f0-9-]{36}$/, expected: "an account id" } };

/**
 * The API gives an amount in one or two denominations. Without a limit, millions of invalid ones would each be
 * reported.
 */
const MAX_DENOMINATIONS = 1_000;

/** Decodes a page of `GET /v2/accounts/{accountId}/balances`. */
export const decodeBalancesPage: Decoder<Page<Balance>> = (body) => decodePage("balances", readBalance, body);

/** Decodes a page of `GET /v2/accounts`. */
export const decodeAccountsPage: Decoder<Page<AccountDescription>> = (body) =>
  decodePage("accounts", readAccount, body);

/** Decodes a response of `GET /v2/accounts/{accountId}`. */
export const decodeAccount: Decoder<AccountDescription> = (body) => decode(readAccount, body, []);

/** Decodes a response of `GET /v2/accounts/{accountId}/balances/{asset}`. Its asset may have another symbol than the request. */
export const decodeBalance: Decoder<Balance> = (body) => decode(readBalance, body, []);

/** The API's error body. */
interface ProblemBody {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly correlationId: string | null | undefined;
}

/** Returns the API's error body, or `undefined` if the body is not one. */
export function decodeProblem(body: unknown): ProblemBody | undefined {
  if (!isObject(body)) return undefined;
  const { errorType, errorMessage, correlationId } = body;
  if (typeof errorType !== "string" || typeof errorMessage !== "string") return undefined;
  if (typeof correlationId !== "string" && correlationId !== null && correlationId !== undefined) return undefined;
  return { errorType, errorMessage, correlationId };
}

function readBalance(value: unknown, path: Path, problems: Problems): Balance | undefined {
  if (!isObject(value)) return void problems.add(path, "object");
  const asset = readAsset(value["asset"], [...path, "asset"], problems);
  const amounts = readAmounts(value["amount"], [...path, "amount"], problems);
  if (asset === undefined || amounts === undefined) return undefined;
  if (!amounts.has(asset.symbol)) problems.add([...path, "amount"], "an entry under the asset's own symbol");
  return { asset, amounts };
}

function readAsset(value: unknown, path: Path, problems: Problems): Balance["asset"] | undefined {
  if (!isObject(value)) return void problems.add(path, "object");
  const { symbol, type, name, decimals } = value;
  const areTexts = [
    checkText(symbol, [...path, "symbol"], problems, SYMBOL),
    checkText(type, [...path, "type"], problems, TEXT),
    checkText(name, [...path, "name"], problems, TEXT),
  ];
  const isCount = checkCount(decimals, [...path, "decimals"], problems);
  if (areTexts.includes(false) || !isCount) return undefined;
  return { symbol: symbol as string, type: type as string, name: name as string, decimals };
}

function readAmounts(value: unknown, path: Path, problems: Problems): Map<string, Amount> | undefined {
  if (!isObject(value)) return void problems.add(path, "object");
  const entries = Object.entries(value);
  if (entries.length > MAX_DENOMINATIONS) return void problems.add(path, `at most ${MAX_DENOMINATIONS} denominations`);
  const amounts = new Map<string, Amount>();
  for (const [denomination, amount] of entries) {
    const at = [...path, denomination];
    checkText(denomination, at, problems, SYMBOL);
    const read = readAmount(amount, at, problems);
    if (read !== undefined) amounts.set(denomination, read);
  }
  return amounts;
}

function readAmount(value: unknown, path: Path, problems: Problems): Amount | undefined {
  if (!isObject(value)) return void problems.add(path, "object");
  const { available, total } = value;
  const isAvailable = checkText(available, [...path, "available"], problems, AMOUNT);
  const isTotal = checkText(total, [...path, "total"], problems, AMOUNT);
  return isAvailable && isTotal ? { available, total } : undefined;
}

function readAccount(value: unknown, path: Path, problems: Problems): AccountDescription | undefined {
  if (!isObject(value)) return void problems.add(path, "object");
  const { accountId, name, type, owner } = value;
  if (!checkText(accountId, [...path, "accountId"], problems, ACCOUNT_ID)) return undefined;
  // The documentation makes the name optional: a missing or blank one states that the account has none.
  const stated = name === undefined || name === null ? "" : known(name)?.trim();
  return { accountId, name: stated, type: known(type), owner: known(owner) };
}

/** Only the id of an account is needed, so an unexpected description fails no run. It is unknown. */
function known(description: unknown): string | undefined {
  const problems = new Problems();
  return checkText(description, [], problems, DESCRIPTION) && problems.text === undefined ? description : undefined;
}
