import * as z from "zod/mini";
import type { $ZodIssue } from "zod/v4/core";
import type { AccountDescription } from "../domain/account-activity.ts";
import { DECIMAL } from "../domain/amount.ts";
import type { Balance } from "../domain/balance.ts";
import { jsonPath } from "../domain/untrusted-text.ts";

// The API's responses, as its OpenAPI document describes them. New fields and new enum values are accepted, because the API
// is in beta; a missing or malformed amount is not. Everything that is accepted can be stored without loss: it is valid
// UTF-8, and fits into an item of the table.
// Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html

/** Half of a surrogate pair would be stored as another character. */
const wellFormed = z.refine<string>((text) => !/\p{Surrogate}/u.test(text), { error: "expected well-formed Unicode" });
const atMost = (bytes: number) =>
  z.refine<string>((text) => Buffer.byteLength(text) <= bytes, { error: `expected at most ${bytes} bytes` });

const text = z.string().check(wellFormed, atMost(10_000));

const decimal = z
  .string()
  .check(z.regex(DECIMAL, { error: "expected a plain decimal number as a string" }), atMost(1_000));

const amount = z.object({ available: decimal, total: decimal });

/** The API documents at most 42 characters. A longer symbol is accepted as long as it fits into a key of the table. */
const symbol = z.string().check(wellFormed, atMost(999), z.minLength(1));

/**
 * The API gives an amount in one or two denominations. Without a limit, millions of invalid ones would each be
 * reported.
 */
const MAX_DENOMINATIONS = 1_000;
const amounts = z.pipe(
  z.record(z.string(), z.unknown()).check(
    z.refine((value) => Object.keys(value).length <= MAX_DENOMINATIONS, {
      error: `expected at most ${MAX_DENOMINATIONS} denominations`,
    }),
  ),
  z.record(symbol, amount),
);

const balance = z.pipe(
  z
    .object({
      asset: z.object({ symbol, type: text, name: text, decimals: z.int().check(z.nonnegative()) }),
      amount: amounts,
    })
    .check(
      z.refine((value) => Object.hasOwn(value.amount, value.asset.symbol), {
        path: ["amount"],
        error: "expected an entry under the asset's own symbol",
      }),
    ),
  z.transform(({ asset, amount }): Balance => ({ asset, amounts: new Map(Object.entries(amount)) })),
);

const nextPageToken = z.optional(z.nullable(z.string().check(wellFormed)));

const balancesPage = z.object({ balances: z.array(z.unknown()), nextPageToken });
const accountsPage = z.object({ accounts: z.array(z.unknown()), nextPageToken });

const accountId = z.string().check(z.regex(/^account_[a-f0-9-]{36}$/, { error: "expected an account id" }));

const description = z.string().check(wellFormed, atMost(1_000));
/** Only the id is needed, so an unexpected description fails no run. It is unknown. */
const unknownIfInvalid = z.catch(z.optional(description), undefined);
/** The documentation makes the name optional: a missing or blank one states that the account has none. */
const accountName = z.pipe(
  z.nullish(description),
  z.transform((name): string | undefined => name?.trim() ?? ""),
);

const account: z.ZodMiniType<AccountDescription> = z.object({
  accountId,
  name: z.catch(accountName, undefined),
  type: unknownIfInvalid,
  owner: unknownIfInvalid,
});

const problem = z.object({
  errorType: z.string(),
  errorMessage: z.string(),
  correlationId: z.optional(z.nullable(z.string())),
});

/** One page of a list. `next` is the token of the next page, or `undefined` at the end of the list. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | undefined;
}

/** A decoded body, or its problems: the path of at most three invalid fields, and what was expected there. */
export type Decoded<T> = { readonly value: T; readonly problems?: undefined } | { readonly problems: string };

/** Decodes a parsed JSON body. */
export type Decoder<T> = (body: unknown) => Decoded<T>;

/** Decodes a page of `GET /v2/accounts/{accountId}/balances`. */
export const decodeBalancesPage: Decoder<Page<Balance>> = (body) => decodePage("balances", balancesPage, balance, body);

/** Decodes a page of `GET /v2/accounts`. */
export const decodeAccountsPage: Decoder<Page<AccountDescription>> = (body) =>
  decodePage("accounts", accountsPage, account, body);

/** Decodes a response of `GET /v2/accounts/{accountId}`. */
export const decodeAccount: Decoder<AccountDescription> = (body) => decode(account, body);

/** Decodes a response of `GET /v2/accounts/{accountId}/balances/{asset}`. Its asset may have another symbol than the request. */
export const decodeBalance: Decoder<Balance> = (body) => decode(balance, body);

/** Returns the API's error body, or `undefined` if the body is not one. */
export function decodeProblem(body: unknown): z.infer<typeof problem> | undefined {
  return problem.safeParse(body).data;
}

function decode<T>(schema: z.ZodMiniType<T>, value: unknown, path: readonly PropertyKey[] = []): Decoded<T> {
  const { success, data, error } = schema.safeParse(value);
  if (success) return { value: data };
  const descriptions = error.issues
    .slice(0, 3)
    .map((issue) => `${jsonPath([...path, ...issue.path]) || "body"}: ${expectation(issue)}`);
  const others = error.issues.length - descriptions.length;
  return { problems: [...descriptions, ...(others > 0 ? [`and ${others} more`] : [])].join("; ") };
}

/**
 * Decodes the items of a page one by one. The first invalid one ends it: a large body of invalid items would otherwise
 * produce more issues than the memory can hold.
 */
function decodePage<List extends string, T>(
  list: List,
  pageSchema: z.ZodMiniType<Record<List, unknown[]> & { nextPageToken?: string | null | undefined }>,
  itemSchema: z.ZodMiniType<T>,
  body: unknown,
): Decoded<Page<T>> {
  const page = decode(pageSchema, body);
  if (page.problems !== undefined) return page;
  const items: T[] = [];
  for (const [index, item] of page.value[list].entries()) {
    const decoded = decode(itemSchema, item, [list, index]);
    if (decoded.problems !== undefined) return decoded;
    items.push(decoded.value);
  }
  return { value: { items, next: page.value.nextPageToken || undefined } };
}

function expectation(issue: $ZodIssue): string {
  if (issue.code === "invalid_key") return `as a name, ${issue.issues.map(expectation).join(", ")}`;
  if (issue.code === "too_small") return `expected at least ${issue.minimum}`;
  if (issue.code === "too_big") return `expected at most ${issue.maximum}`;
  return issue.code === "invalid_type" ? `expected ${issue.expected}` : issue.message;
}
