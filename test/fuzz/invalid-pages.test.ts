import { describe, expect } from "@jest/globals";
import fc from "fast-check";
import { readResponse } from "../../core/coinbase/response.ts";
import { decodeBalancesPage } from "../../core/coinbase/schema.ts";
import { ApiError } from "../../core/domain/errors.ts";
import { fuzz } from "./fuzz.ts";
import { BAD_AMOUNTS } from "./texts.ts";
import {
  anyBalance,
  anyStyle,
  type BalanceModel,
  type Entry,
  type Json,
  object,
  pageJson,
  type Style,
  withField,
  writeJson,
} from "./wire.ts";

/** A marker that would reveal the body in a message. */
const KNOWN = "what-nobody-else-may-read";
const LONE = `${KNOWN}\ud800`;

const NO_TEXTS: readonly (Json | undefined)[] = [undefined, null, 7, true, [], [KNOWN], object(["x", KNOWN])];
const NO_OBJECTS: readonly (Json | undefined)[] = [undefined, null, 7, false, KNOWN, [], [KNOWN]];
const SYMBOLS = [...NO_TEXTS, "", LONE, KNOWN.repeat(100)];
const TEXTS = [...NO_TEXTS, LONE, KNOWN.repeat(500)];
const DECIMALS = [undefined, null, "8", KNOWN, 1.5, -1, 2 ** 53, 1e300, true, [8]];
const AMOUNTS = [...NO_TEXTS, ...BAD_AMOUNTS, KNOWN, LONE, "9".repeat(1_001), `0.${"0".repeat(1_000)}`];

interface Corruption {
  readonly path: readonly (string | number)[];
  readonly value: Json | undefined;
  readonly expectedPath: readonly (string | number)[];
}

/** A field, an invalid value, and the path in the message if it differs. */
type Field = readonly [
  path: readonly (string | number)[],
  values: readonly (Json | undefined)[],
  expectedPath?: readonly (string | number)[],
];

/** The fields of a page, each with invalid values. */
function fieldsOf(balances: readonly BalanceModel[]): Field[] {
  return [
    [[], [null, 7, KNOWN, [], [KNOWN]]],
    [["balances"], [undefined, null, 7, KNOWN, object(["x", KNOWN])]],
    [["nextPageToken"], [7, false, LONE, [KNOWN], object(["x", KNOWN])]],
    ...balances.flatMap(({ asset, amounts }, at): Field[] => {
      const balance = ["balances", at];
      return [
        [balance, NO_OBJECTS.slice(1)],
        [[...balance, "asset"], NO_OBJECTS],
        [[...balance, "asset", "symbol"], SYMBOLS],
        [[...balance, "asset", "symbol"], ["another"], [...balance, "amount"]],
        [[...balance, "amount", asset.symbol], [undefined], [...balance, "amount"]],
        [[...balance, "asset", "type"], TEXTS],
        [[...balance, "asset", "name"], TEXTS],
        [[...balance, "asset", "decimals"], DECIMALS],
        [[...balance, "amount"], NO_OBJECTS],
        ...amounts.flatMap(([denomination]): Field[] => {
          const amount = [...balance, "amount", denomination];
          return [
            [amount, NO_OBJECTS.slice(1)],
            [[...amount, "available"], AMOUNTS],
            [[...amount, "total"], AMOUNTS],
          ];
        }),
      ];
    }),
  ];
}

const ordinary = anyBalance(fc.constantFrom("btc", "eth", "usd", "eur", "sol"));
const anyCorruption = fc
  .record({ balances: fc.array(ordinary, { minLength: 1, maxLength: 3 }), style: anyStyle })
  .chain(({ balances, style }) => {
    const corruption = fc
      .constantFrom(...fieldsOf(balances))
      .chain(([path, values, expectedPath = path]) =>
        fc.constantFrom(...values).map((value): Corruption => ({ path, value, expectedPath })),
      );
    return corruption.map((of) => ({ balances, style, ...of }));
  });

function refusalOf(json: Json, style: Style): ApiError {
  const body = Buffer.from(writeJson(json, style));
  try {
    readResponse({ status: 200, headers: new Headers(), body, receivedAt: 0 }, decodeBalancesPage, "GET /balances");
  } catch (thrown) {
    if (thrown instanceof ApiError) return thrown;
    throw thrown;
  }
  throw new Error("it was read");
}

describe("an invalid page", () => {
  fuzz(
    "a page with an invalid value is rejected with the path of that value",
    360,
    anyCorruption,
    ({ balances, style, path, value, expectedPath }) => {
      const page = pageJson(balances, [["nextPageToken", "next"]]);

      const refusal = refusalOf(withField(page, path, value), style);

      expect([refusal.code, refusal.status]).toEqual(["api_unexpected_shape", 200]);
      expect(refusal.message).toContain(`documentation: ${expectedPath.join(".") || "body"}: expected `);
      expect(refusal.message.length).toBeLessThan(300);
      expect(refusal.message).not.toContain(KNOWN);
    },
  );

  const anyTwice = fc
    .array(ordinary, { minLength: 1, maxLength: 3 })
    .chain((balances) =>
      fc.record({
        balances: fc.constant(balances),
        style: anyStyle,
        path: fc.constantFrom(...fieldsOf(balances).map(([path]) => path.filter((name) => name !== "nextPageToken"))),
        again: fc.constantFrom<Json>(null, "1", "7.5", KNOWN, [], object(["total", KNOWN])),
        last: fc.boolean(),
      }),
    )
    .filter(({ path }) => typeof path.at(-1) === "string");

  fuzz("a duplicate key is rejected with its path", 120, anyTwice, ({ balances, style, path, again, last }) => {
    const page = withTwice(pageJson(balances), path, again, last);

    const refusal = refusalOf(page, style);

    expect([refusal.code, refusal.status]).toEqual(["api_unexpected_shape", 200]);
    expect(refusal.message).toContain(`a duplicate key in its body: ${path.join(".")}`);
    expect(refusal.message).not.toContain(KNOWN);
  });
});

/** Returns the page with the field at a path duplicated, before or after the others, with another value. */
function withTwice(json: Json, [name, ...rest]: readonly (string | number)[], again: Json, last: boolean): Json {
  if (Array.isArray(json)) {
    return json.map((element, at) => (at === name ? withTwice(element, rest, again, last) : element));
  }
  const { entries } = json as { readonly entries: readonly Entry[] };
  if (rest.length === 0) {
    const entry = [String(name), again] as const;
    return { entries: last ? [...entries, entry] : [entry, ...entries] };
  }
  return { entries: entries.map(([key, of]) => [key, key === name ? withTwice(of, rest, again, last) : of] as const) };
}
