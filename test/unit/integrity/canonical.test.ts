import { createHash } from "node:crypto";
import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { canonicalText, digestOf, type Json } from "../../../core/integrity/canonical.ts";
import { anyCharacter } from "../../support/any-character.ts";

/** Anything that the table can hold: texts of any letters, whole numbers, lists and maps within each other. */
const { value: anything } = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.string({ unit: anyCharacter }),
    fc.maxSafeInteger(),
    fc.array(tie("value")),
    fc.dictionary(fc.string({ unit: anyCharacter }), tie("value"), { noNullPrototype: true }),
  ),
}));

describe("the canonical text", () => {
  it("has names in the order of RFC 8785, section 3.2.3", () => {
    const names = ["\u20ac", "\r", "\ufb33", "1", "\ud83d\ude00", "\u0080", "\u00f6"];

    const text = canonicalText(Object.fromEntries(names.map((name) => [name, 0])));

    const inOrder = ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\ud83d\ude00", "\ufb33"];
    expect(text).toBe(`{${inOrder.map((name) => `${JSON.stringify(name)}:0`).join(",")}}`);
  });

  it("has strings as RFC 8785 has them, section 3.2.2.2", () => {
    expect(canonicalText('\u20ac$\u000f\nA\'B"\\\\"/')).toBe('"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"');
  });

  it("has no white space, and lists in their order", () => {
    expect(canonicalText({ b: [2, "x", []], a: { d: {}, c: -7 } })).toBe('{"a":{"c":-7,"d":{}},"b":[2,"x",[]]}');
  });

  it("takes __proto__ for a name like any other", () => {
    const value: Json = JSON.parse('{"__proto__":"1","a":"2"}');

    expect(canonicalText(value)).toBe('{"__proto__":"1","a":"2"}');
  });

  it("is JSON of the same value, and the same however the value's names are ordered", () => {
    const shuffled = (value: Json): Json => {
      if (typeof value !== "object") return value;
      if (Array.isArray(value)) return value.map(shuffled);
      return Object.fromEntries(
        Object.entries(value)
          .reverse()
          .map(([name, member]) => [name, shuffled(member)]),
      );
    };

    fc.assert(
      fc.property(anything, (value) => {
        const text = canonicalText(value);

        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(canonicalText(shuffled(value))).toBe(text);
      }),
    );
  });

  it("is another one for another value", () => {
    fc.assert(
      fc.property(anything, anything, (one, other) => {
        const same = JSON.stringify(one) === JSON.stringify(other);
        fc.pre(!same);

        // Two that differ in the order of names alone are the same value.
        const equal = isEqual(one, other);
        expect(canonicalText(one) === canonicalText(other)).toBe(equal);
      }),
    );
  });
});

describe("the digest", () => {
  it("is the SHA-256 of the text's UTF-8, in hex", () => {
    expect(digestOf({})).toBe("44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
    expect(digestOf({ "€": "ö" })).toBe(createHash("sha256").update(Buffer.from('{"€":"ö"}', "utf8")).digest("hex"));
  });
});

function isEqual(one: Json, other: Json): boolean {
  try {
    expect(one).toStrictEqual(other);
    return true;
  } catch {
    return false;
  }
}
