import { sign } from "node:crypto";
import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { KeyError } from "../../../core/domain/errors.ts";
import { parseApiKey } from "../../../core/key/api-key.ts";
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

  const formats = [...Object.values(ed.formats), ...Object.values(ec.formats)];
  const runs = { numRuns: 50 };

  it("shows no part of any text", () => {
    const texts = fc.oneof(
      fc.string(),
      fc.json(),
      fc
        .tuple(fc.string(), fc.constantFrom(...formats), fc.string())
        .map(([before, text, after]) => before + text + after),
    );
    fc.assert(
      fc.property(texts, (text) => expectNoLeak(text)),
      runs,
    );
  });

  // The fuzz test of key files changes and inserts characters.
  it("shows no part of a cut file, or of a cut private key in a complete file", () => {
    const cut = fc.constantFrom(...files).chain((file) => fc.tuple(fc.constant(file), fc.nat(file.length)));
    const part = fc
      .constantFrom(...formats)
      .chain((text) => fc.tuple(fc.constant(text), fc.nat(text.length), fc.nat(text.length)));
    fc.assert(
      fc.property(cut, part, ([file, at], [text, from, to]) => {
        expectNoLeak(file.slice(0, at), file);
        expectNoLeak(file.slice(at), file);
        expectNoLeak(JSON.stringify({ id: "an-id", privateKey: text.slice(from, to) }), text);
      }),
      runs,
    );
  });
});
