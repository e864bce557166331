import fc from "fast-check";
import { anyCharacter } from "../support/any-character.ts";

// Texts that are likely to break keys, names, paths, columns, logs or numbers.

const ODD_WORDS =
  "1 0 42 007 -1 1.5 1e3 constructor toString hasOwnProperty length a/b - -- # a#b a.b / .. %2e $ ' \" \\ [] {} null é e\u0301 " +
  "🐕 👨\u200d👩\u200d👧 \uffff \u001b[31m \u202e 2026-11-23T10:00:00.000Z account slot balances total S M";
const ODD_SPACES = [" ", "a b", " btc", "btc ", "\n", "\t\r", "\u0000", "a\u0000b", "\ufeff", "\u2028"];

const ordinary = fc.constantFrom("btc", "eth", "usd", "eur", "sol");
const odd = fc.constantFrom(...ODD_WORDS.split(" "), ...ODD_SPACES, "btc 2026-11-23T10:00:00.000Z");
const ofBytes = (...sizes: number[]) =>
  fc
    .tuple(fc.constantFrom("x", "é", "犬", "🐕"), fc.constantFrom(...sizes))
    .map(([letter, bytes]) => letter.repeat(Math.ceil(bytes / Buffer.byteLength(letter))));
const unstorable = fc.oneof(
  fc.constantFrom("\ud800", "\udfff", "a\ud83d", "\udc00\ud800", "\udd25 fire", "__proto__", ""),
  ofBytes(1_000, 3_000, 30_000),
);

/** Texts that can be stored. */
export const anyText: fc.Arbitrary<string> = fc.oneof(
  { weight: 8, arbitrary: ordinary },
  { weight: 6, arbitrary: odd },
  { weight: 3, arbitrary: fc.string({ unit: anyCharacter, minLength: 1, maxLength: 12 }) },
  { weight: 2, arbitrary: fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 }) },
  { weight: 1, arbitrary: ofBytes(42, 43, 255, 333, 996, 998) },
);

/** Mostly texts that can be stored, rarely one that cannot. */
export const hostileText: fc.Arbitrary<string> = fc.oneof(
  { weight: 40, arbitrary: anyText },
  { weight: 1, arbitrary: unstorable },
);

/** Texts that resemble decimal numbers but are not valid. */
export const BAD_AMOUNTS: readonly string[] = [
  ..."- . 1. .5 -.5 +1 --1 1- 1.2.3 1e5 1E-7 0x10 1_000 1,5 NaN Infinity -Infinity null ١٢ １２ 1.٥ −1 1/2 0b1".split(
    " ",
  ),
  ...["", " ", "1 000", " 1", "1 ", "1\n", "\u00001"],
];

const digits = (min: number, max: number) =>
  fc.string({ unit: fc.constantFrom(..."0123456789"), minLength: min, maxLength: max });

/** Valid decimal numbers, including unusual ones: hundreds of digits, leading zeros, a signed zero. */
export const anyAmount: fc.Arbitrary<string> = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom("0", "-0", "-0.0", "0.000000000000000000", "007", "00", "-007.50", "1.10") },
  {
    weight: 8,
    arbitrary: fc
      .tuple(fc.constantFrom("", "", "", "-"), digits(1, 12), fc.oneof(fc.constant(""), digits(1, 18)))
      .map(([sign, whole, part]) => `${sign}${whole}${part && `.${part}`}`),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom("", "-"), digits(1, 480), digits(1, 480))
      .map(([sign, whole, part]) => `${sign}${whole}.${part}`),
  },
);

/** A fraction from 0 to below 1, evenly distributed. `fc.double` prefers tiny numbers. */
export const anyShare: fc.Arbitrary<number> = fc.nat(9_999).map((parts) => parts / 10_000);

/** Returns nested lists and objects, too deep for recursion. */
export const deep = (levels: number): unknown => JSON.parse(`${'{"x":['.repeat(levels / 2)}${"]}".repeat(levels / 2)}`);
