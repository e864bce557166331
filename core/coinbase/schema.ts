import * as z from "zod/mini";
import type { $ZodIssue } from "zod/v4/core";
import { DECIMAL } from "../domain/amount.ts";
import type { Amounts, Balance } from "../domain/balance.ts";
import { jsonPath } from "../domain/untrusted-text.ts";

// The shapes of the API's answers, as its OpenAPI document has them: new fields and new enum values pass, as the API
// is in beta; a missing or malformed amount does not.
// What passes can be kept to the last letter: nothing is larger than an item of the table can hold, or is no text that UTF-8
// can. Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html

/** Half of a character is none: it would be stored as another one. */
const whole = z.refine<string>((text) => !/\p{Surrogate}/u.test(text), { error: "expected text of whole characters" });
const atMost = (bytes: number) =>
  z.refine<string>((text) => Buffer.byteLength(text) <= bytes, { error: `expected at most ${bytes} bytes` });

const text = z.string().check(whole, atMost(10_000));

const decimal = z
  .string()
  .check(z.regex(DECIMAL, { error: "expected a plain decimal number as a string" }), atMost(1_000));

const amount = z.object({ available: decimal, total: decimal });

/** The document allows 42 characters. A longer one is no reason to lose a slot, as long as it fits into a key. */
const symbol = z.string().check(whole, atMost(999), z.minLength(1));

/** The API gives an amount in one or two denominations. Of millions that are wrong, nobody has to tell each. */
const DENOMINATIONS = 1_000;
const amounts = z.pipe(
  z.record(z.string(), z.unknown()).check(
    z.refine((given) => Object.keys(given).length <= DENOMINATIONS, {
      error: `expected at most ${DENOMINATIONS} denominations`,
    }),
  ),
  z.record(symbol, amount),
);

const balance = z
  .object({
    asset: z.object({ symbol, type: text, name: text, decimals: z.int().check(z.nonnegative()) }),
    amount: amounts,
  })
  .check(
    z.refine((value) => Object.hasOwn(value.amount, value.asset.symbol), {
      path: ["amount"],
      error: "expected an entry under the asset's own symbol",
    }),
  );

const nextPageToken = z.optional(z.nullable(z.string().check(whole)));

// The items of a page are read one by one, so that the first that is wrong ends it: a large body of nothing but wrong ones
// would make more issues than there is memory for.
const balancesPage = z.object({ balances: z.array(z.unknown()), nextPageToken });

const accountId = z.string().check(z.regex(/^account_[a-f0-9-]{36}$/, { error: "expected an account id" }));

const account = z.object({ accountId });

const accountsPage = z.object({ accounts: z.array(z.unknown()), nextPageToken });

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

/** Reads a decoded JSON body. @throws an error for `shapeProblems` where the body is not of the shape */
export type Decoder<T> = (body: unknown) => T;

/** Its message has the path of each field that is wrong and what was expected, at most three, and no value of the body. */
class ShapeError extends Error {}

/** A page of `GET /v2/accounts/{accountId}/balances`. */
export const decodeBalancesPage: Decoder<Page<Balance>> = (body) => {
  const page = parse(balancesPage, body);
  const balances = page.balances.map((item, at) => parse(balance, item, ["balances", at]));
  assertRoomForTotals(balances);
  return { items: balances.map(toBalance), next: page.nextPageToken || undefined };
};

/** The answer of `GET /v2/accounts/{accountId}/balances/{asset}`, which has to speak of the asset that was asked for. */
export function balanceDecoder(symbol: string): Decoder<Balance> {
  const schema = balance.check(
    z.refine((value) => value.asset.symbol === symbol, {
      path: ["asset", "symbol"],
      error: "expected the asset that was asked for",
    }),
  );
  return (body) => toBalance(parse(schema, body));
}

/** A page of `GET /v2/accounts`: the ids alone. */
export const decodeAccountsPage: Decoder<Page<string>> = (body) => {
  const page = parse(accountsPage, body);
  return {
    items: page.accounts.map((item, at) => parse(account, item, ["accounts", at]).accountId),
    next: page.nextPageToken || undefined,
  };
};

/** The API's error body, or `undefined` where the body is none. */
export function decodeProblem(body: unknown): z.infer<typeof problem> | undefined {
  return problem.safeParse(body).data;
}

/** What is wrong with a body, from what a decoder threw. `undefined`: it is no decoder's error. */
export function shapeProblems(thrown: unknown): string | undefined {
  return thrown instanceof ShapeError ? thrown.message : undefined;
}

function parse<T>(schema: z.ZodMiniType<T>, value: unknown, path: readonly PropertyKey[] = []): T {
  const { success, data, error } = schema.safeParse(value);
  if (success) return data;
  const { issues } = error;
  const told = issues
    .slice(0, 3)
    .map((issue) => `${jsonPath([...path, ...issue.path]) || "body"}: ${expectation(issue)}`);
  if (issues.length > told.length) told.push(`and ${issues.length - told.length} more`);
  throw new ShapeError(told.join("; "));
}

function expectation(issue: $ZodIssue): string {
  if (issue.code === "invalid_key") return `as a name, ${issue.issues.map(expectation).join(", ")}`;
  if (issue.code === "too_small") return `expected at least ${issue.minimum}`;
  if (issue.code === "too_big") return `expected at most ${issue.maximum}`;
  return issue.code === "invalid_type" ? `expected ${issue.expected}` : issue.message;
}

/** What a snapshot's item has beside the balances (300 KB) for the totals, one in each denomination. */
const TOTALS_BYTES = 100_000;

/** A sum is hardly longer than the longest amount before the point, and the longest behind it; each total has two. */
function assertRoomForTotals(balances: readonly z.infer<typeof balance>[]): void {
  const longest = new Map<string, number>();
  for (const { asset, amount: amounts } of balances) {
    for (const [denomination, { available, total }] of Object.entries(amounts)) {
      if (denomination === asset.symbol && asset.type !== "fiat") continue;
      const length = Math.max(available.length, total.length, longest.get(denomination) ?? 0);
      longest.set(denomination, length);
    }
  }
  let bytes = 0;
  for (const [denomination, length] of longest) bytes += 2 * Buffer.byteLength(denomination) + 4 * length + 80;
  if (bytes > TOTALS_BYTES)
    throw new ShapeError(`balances: expected amounts in fewer denominations than ${longest.size}`);
}

function toBalance({ asset, amount: amounts }: z.infer<typeof balance>): Balance {
  return { asset, amounts: new Map(Object.entries(amounts)) satisfies Amounts };
}
