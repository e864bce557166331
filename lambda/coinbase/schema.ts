import * as z from "zod/mini";
import { $ZodError, type $ZodIssue } from "zod/v4/core";
import { DECIMAL } from "../domain/amount.ts";
import type { Amounts, Balance } from "../domain/balance.ts";

// The shapes of the API's answers, as its OpenAPI document has them: new fields and new enum values pass, as the API
// is in beta; a missing or malformed amount does not.

const decimal = z.string().check(z.regex(DECIMAL, { error: "expected a plain decimal number as a string" }));

const amount = z.object({ available: decimal, total: decimal });

// The document allows symbols of 42 characters. A longer one is no reason to lose a slot.
const symbol = z.string().check(z.minLength(1));

const balance = z
  .object({
    asset: z.object({
      symbol,
      type: z.string(),
      name: z.string(),
      decimals: z.int().check(z.nonnegative()),
    }),
    amount: z.record(symbol, amount),
  })
  .check(
    z.refine((value) => Object.hasOwn(value.amount, value.asset.symbol), {
      path: ["amount"],
      error: "expected an entry under the asset's own symbol",
    }),
  );

const nextPageToken = z.optional(z.nullable(z.string()));

const balancesPage = z.object({ balances: z.array(balance), nextPageToken });

const accountId = z.string().check(z.regex(/^account_[a-f0-9-]{36}$/, { error: "expected an account id" }));

const accountsPage = z.object({
  accounts: z.array(z.object({ accountId })),
  nextPageToken,
});

const problem = z.object({
  errorType: z.string(),
  errorMessage: z.string(),
  correlationId: z.optional(z.nullable(z.string())),
});

/** One page of a list. `next` is the token of the page after it, `undefined` at the end of the list. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | undefined;
}

/** Reads a decoded JSON body. @throws an error of zod's, with a path to each field, where the body is not of the shape */
export type Decoder<T> = (body: unknown) => T;

/** A page of `GET /v2/accounts/{accountId}/balances`. */
export const decodeBalancesPage: Decoder<Page<Balance>> = (body) => {
  const page = balancesPage.parse(body);
  return {
    items: page.balances.map(toBalance),
    next: page.nextPageToken || undefined,
  };
};

/** The answer of `GET /v2/accounts/{accountId}/balances/{asset}`, which has to speak of the asset that was asked for. */
export function balanceDecoder(symbol: string): Decoder<Balance> {
  const schema = balance.check(
    z.refine((value) => value.asset.symbol === symbol, {
      path: ["asset", "symbol"],
      error: "expected the asset that was asked for",
    }),
  );
  return (body) => toBalance(schema.parse(body));
}

/** A page of `GET /v2/accounts`: the ids alone. */
export const decodeAccountsPage: Decoder<Page<string>> = (body) => {
  const page = accountsPage.parse(body);
  return {
    items: page.accounts.map((account) => account.accountId),
    next: page.nextPageToken || undefined,
  };
};

/** The API's error body, or `undefined` where the body is none. */
export function decodeProblem(body: unknown): z.infer<typeof problem> | undefined {
  return problem.safeParse(body).data;
}

/**
 * What is wrong with a body, from what a decoder threw: one path and expectation after the other, at most three.
 * Holds no value of the body. `undefined`: it is no decoder's error.
 */
export function shapeProblems(thrown: unknown): string | undefined {
  // Of zod's core by name: `z.core` would bring the whole of it into the bundle, 600 KB.
  if (!(thrown instanceof $ZodError)) return undefined;
  const { issues } = thrown;
  const told = issues.slice(0, 3).map((issue) => `${issue.path.join(".") || "body"}: ${expectation(issue)}`);
  if (issues.length > told.length) told.push(`and ${issues.length - told.length} more`);
  return told.join("; ");
}

function expectation(issue: $ZodIssue): string {
  return issue.code === "invalid_type" ? `expected ${issue.expected}` : issue.message;
}

function toBalance({ asset, amount: amounts }: z.infer<typeof balance>): Balance {
  return { asset, amounts: new Map(Object.entries(amounts)) satisfies Amounts };
}
