import fc from "fast-check";
import { anyAmount } from "./texts.ts";

// Everything that a server can send as JSON. Objects are lists of entries, so that keys can be duplicated, and texts can
// contain invalid Unicode. Independent of the program's schema.

export type Json = null | boolean | number | string | readonly Json[] | { readonly entries: readonly Entry[] };
export type Entry = readonly [key: string, value: Json];

export interface AssetModel {
  readonly symbol: string;
  readonly type: string;
  readonly name: string;
  readonly decimals: number;
}

/** Decimal strings. */
export interface AmountModel {
  readonly available: string;
  readonly total: string;
}

export interface BalanceModel {
  readonly asset: AssetModel;
  readonly amounts: readonly (readonly [denomination: string, amount: AmountModel])[];
}

/** How JSON is formatted: the space between its parts, and whether texts are escaped. */
export interface Style {
  readonly space: string;
  readonly escaped: boolean;
}

export const anyStyle: fc.Arbitrary<Style> = fc.record({
  space: fc.constantFrom("", "", " ", "\n", "\t \r\n"),
  escaped: fc.constantFrom(false, false, false, true),
});

export const object = (...entries: readonly Entry[]): Json => ({ entries });

export function writeJson(value: Json, style: Style): string {
  const { space } = style;
  const join = (open: string, parts: readonly string[], close: string) =>
    `${open}${space}${parts.join(`${space},${space}`)}${space}${close}`;
  if (typeof value === "string") return writeText(value, style);
  if (Array.isArray(value)) {
    return join(
      "[",
      value.map((element) => writeJson(element, style)),
      "]",
    );
  }
  if (typeof value !== "object" || value === null) return String(value);
  const { entries } = value as { readonly entries: readonly Entry[] };
  const members = entries.map(([key, of]) => `${writeText(key, style)}${space}:${space}${writeJson(of, style)}`);
  return join("{", members, "}");
}

/** `JSON.stringify` also escapes what UTF-8 cannot encode. */
function writeText(text: string, { escaped }: Style): string {
  if (!escaped) return JSON.stringify(text);
  const units = Array.from({ length: text.length }, (_, at) => text.charCodeAt(at).toString(16).padStart(4, "0"));
  return `"${units.map((unit) => `\\u${unit}`).join("")}"`;
}

/** Returns a copy with another value at a path; `undefined` removes the field. */
export function withField(json: Json, [name, ...rest]: readonly (string | number)[], value: Json | undefined): Json {
  if (name === undefined) return value ?? null;
  if (Array.isArray(json)) return json.map((element, at) => (at === name ? withField(element, rest, value) : element));
  const { entries } = json as { readonly entries: readonly Entry[] };
  const changed = entries.flatMap(([key, of]): Entry[] => {
    if (key !== name) return [[key, of]];
    return rest.length === 0 && value === undefined ? [] : [[key, withField(of, rest, value)]];
  });
  return { entries: changed };
}

export function pageJson(balances: readonly BalanceModel[], more: readonly Entry[] = []): Json {
  return object(["balances", balances.map(balanceJson)], ...more);
}

function balanceJson({ asset, amounts }: BalanceModel): Json {
  return object(
    ["asset", object(...(Object.entries(asset) as [string, Json][]))],
    ["amount", object(...amounts.map(([denomination, amount]) => [denomination, amountJson(amount)] as const))],
  );
}

function amountJson({ available, total }: AmountModel): Json {
  return object(["available", available], ["total", total]);
}

const amount: fc.Arbitrary<AmountModel> = fc
  .record({ available: anyAmount, total: anyAmount, same: fc.boolean() })
  .map(({ available, total, same }) => ({ available: same ? total : available, total }));

const decimals = fc.oneof(fc.integer({ min: 0, max: 30 }), fc.constantFrom(0, 255, Number.MAX_SAFE_INTEGER));

/** A balance of an asset. The amount in its own denomination can be at any position. */
export function anyBalance(text: fc.Arbitrary<string>): fc.Arbitrary<BalanceModel> {
  return fc
    .record({
      asset: fc.record({ symbol: text, type: fc.oneof(fc.constantFrom("crypto", "fiat"), text), name: text, decimals }),
      own: amount,
      others: fc.uniqueArray(fc.tuple(text, amount), { maxLength: 4, selector: ([denomination]) => denomination }),
      at: fc.nat(4),
    })
    .map(({ asset, own, others, at }) => {
      const amounts = others.filter(([denomination]) => denomination !== asset.symbol);
      return { asset, amounts: amounts.toSpliced(at, 0, [asset.symbol, own]) };
    });
}

/** Fields that the API does not document. */
export const anyUnknownFields: fc.Arbitrary<readonly Entry[]> = fc.uniqueArray(
  fc.tuple(fc.constantFrom("asOf", "region", "x-1", "Balances", ""), fc.constantFrom<Json>(null, 1, "é", [], object())),
  { maxLength: 2, selector: ([key]) => key },
);
