import { createHash } from "node:crypto";
import fc from "fast-check";
import { canonicalText, digestOf, type Json } from "../../../core/integrity/canonical.ts";
import { anyCharacter } from "../../support/any-character.ts";
import { describe, expect, it } from "../../support/jest.ts";

/** Any value that the table can hold: strings, integers, and nested lists and maps. */
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
  it("orders names as in RFC 8785, section 3.2.3", () => {
    const names = ["\u20ac", "\r", "\ufb33", "1", "\ud83d\ude00", "\u0080", "\u00f6"];

    const text = canonicalText(Object.fromEntries(names.map((name) => [name, 0])));

    const inOrder = ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\ud83d\ude00", "\ufb33"];
    expect(text).toBe(`{${inOrder.map((name) => `${JSON.stringify(name)}:0`).join(",")}}`);
  });

  it("escapes strings as in RFC 8785, section 3.2.2.2", () => {
    expect(canonicalText('\u20ac$\u000f\nA\'B"\\\\"/')).toBe('"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"');
  });

  it("contains no white space and keeps the order of lists", () => {
    expect(canonicalText({ b: [2, "x", []], a: { d: {}, c: -7 } })).toBe('{"a":{"c":-7,"d":{}},"b":[2,"x",[]]}');
  });

  it("treats __proto__ as an ordinary name", () => {
    const value: Json = JSON.parse('{"__proto__":"1","a":"2"}');

    expect(canonicalText(value)).toBe('{"__proto__":"1","a":"2"}');
  });

  // So values that differ have different texts.
  it("is JSON of the same value and does not depend on the order of names", () => {
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
});

describe("the digest", () => {
  it("is the SHA-256 of the text in UTF-8, in hex", () => {
    expect(digestOf({})).toBe("44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
    expect(digestOf({ "€": "ö" })).toBe(createHash("sha256").update(Buffer.from('{"€":"ö"}', "utf8")).digest("hex"));
  });
});
