import { sign } from "node:crypto";
import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { KeyError } from "../../../core/domain/errors.ts";
import { ID_FIELDS, PRIVATE_KEY_FIELDS, parseApiKey } from "../../../core/key/api-key.ts";
import { anyCharacter } from "../../support/any-character.ts";
import { sawOutput } from "../../support/leak-watch.ts";
import { ec, ed, files, leaksOf, RUN } from "./key-files.ts";

/** Checks that a text is a valid key, or is rejected with a KeyError that shows nothing of the key. */
function expectNoLeak(text: string, whole = text): void {
  try {
    const { id, algorithm, privateKey } = parseApiKey(text);
    expect(id.trim()).not.toBe("");
    expect(privateKey.type).toBe("private");
    sign(algorithm === "EdDSA" ? null : "sha256", Buffer.from("text"), privateKey);
  } catch (thrown) {
    sawOutput(thrown);
    expect(thrown).toBeInstanceOf(KeyError);
    expect(leaksOf(thrown, whole)).toEqual([]);
  }
}

describe("an error about a key", () => {
  it("with a part of the key is found by these tests", () => {
    const [secret = ""] = Object.values(ed.formats);

    expect(leaksOf(new KeyError("x", `no ${secret.slice(20, 20 + RUN)}`), ed.file)).toHaveLength(1);
    expect(leaksOf(new KeyError("x", "no", { cause: new Error(secret) }), ed.file).length).toBeGreaterThan(10);
    expect(leaksOf(new KeyError("x", `no ${secret.slice(20, 19 + RUN)}`), ed.file)).toEqual([]);
  });

  it("shows no part of any text", () => {
    const texts = fc.oneof(
      fc.string(),
      fc.string({ unit: "grapheme" }),
      fc.json(),
      fc
        .constantFrom(...Object.values(ed.formats), ...Object.values(ec.formats))
        .chain((text) => fc.tuple(fc.string(), fc.string()).map(([before, after]) => before + text + after)),
    );
    fc.assert(
      fc.property(texts, (text) => expectNoLeak(text)),
      { numRuns: 500 },
    );
  });

  it("shows no part of a JSON object with the right fields", () => {
    const value = fc.oneof(
      fc.string(),
      fc.base64String(),
      fc.jsonValue(),
      fc.string().map((text) => `-----BEGIN ${text}`),
    );
    const record = fc.tuple(fc.constantFrom(...ID_FIELDS), value, fc.constantFrom(...PRIVATE_KEY_FIELDS), value);
    fc.assert(
      fc.property(record, ([idField, id, keyField, key]) =>
        expectNoLeak(JSON.stringify({ [idField]: id, [keyField]: key })),
      ),
      { numRuns: 400 },
    );
  });

  it("shows no part of a file with one changed character", () => {
    const anyFile = fc.constantFrom(...files);
    const damage = fc.oneof(
      fc.constantFrom(...'AZaz09+/=-\\"{}:, \n'),
      fc.string({ unit: anyCharacter, minLength: 1, maxLength: 1 }),
      fc.constant(""),
    );
    fc.assert(
      fc.property(anyFile, fc.nat(), damage, (file, at, character) => {
        const i = at % file.length;
        expectNoLeak(file.slice(0, i) + character + file.slice(i + 1), file);
      }),
      { numRuns: 800 },
    );
  });

  it("shows no part of a cut file", () => {
    fc.assert(
      fc.property(fc.constantFrom(...files), fc.nat(), fc.boolean(), (file, at, atEnd) => {
        const i = at % file.length;
        expectNoLeak(atEnd ? file.slice(0, i) : file.slice(i), file);
      }),
      { numRuns: 500 },
    );
  });

  it("shows no part of a cut private key in a complete file", () => {
    const formats = [...Object.values(ed.formats), ...Object.values(ec.formats)];
    fc.assert(
      fc.property(fc.constantFrom(...formats), fc.nat(), fc.nat(), (text, from, to) => {
        const [start, end] = [from % text.length, to % (text.length + 1)];
        expectNoLeak(JSON.stringify({ id: "an-id", privateKey: text.slice(start, end) }), text);
      }),
      { numRuns: 500 },
    );
  });
});
