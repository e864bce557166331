import { KeyError } from "../../core/domain/errors.ts";
import { describe, expect, it } from "../support/jest.ts";
import { makeEcKey, makeEd25519Key } from "../support/keys.ts";
import { leaksOf, RUN } from "./key/key-checks.ts";

// A variable, because the compiler would not accept the import of a JavaScript file. jest needs it in JavaScript.
const SEARCH = "../support/leak-search.js";
const { leaksIn } = await import(SEARCH);

const { privateKey, formats } = makeEd25519Key();
const { d = "" } = privateKey.export({ format: "jwk" });
const pem = makeEcKey().formats["SEC1 PEM"] ?? "";
const [, first = "", second = "", rest = ""] = pem.split("\n");

const SECRETS = {
  "base64url of the seed": d,
  "hex of the seed": Buffer.from(d, "base64url").toString("hex"),
  "base64 of the seed": formats["base64 of the seed"]?.slice(-32) ?? "",
  "the end of a PEM's line": first.slice(-32),
  "the end of a PEM's second line": second.slice(-32),
  "a PEM's short last line": rest,
};
const ALL_SECRETS = [
  ...Object.values(SECRETS),
  ...Array.from({ length: 5 }, () => makeEd25519Key().formats["base64 of the seed"]?.slice(-32) ?? ""),
];

const SURROUNDINGS = {
  alone: (secret: string) => secret,
  "in longer text of the same characters": (secret: string) => `${"abc+/_-9".repeat(40)}${secret}${"ABC09".repeat(40)}`,
  "between escaped line breaks": (secret: string) => JSON.stringify({ key: `-----\n${secret}\n-----` }),
  "between line breaks that are escaped twice": (secret: string) =>
    JSON.stringify(JSON.stringify(`-----\n${secret}\n-----`)),
};

describe("the search for leaks", () => {
  it.each(Object.entries(SECRETS))("finds %s at every position", (_, secret) => {
    for (const surround of Object.values(SURROUNDINGS)) {
      // The search proceeds in steps, so every offset must be tested.
      for (let at = 0; at < 24; at++) {
        const before = "~".repeat(at);
        const [leak, ...others] = leaksIn(["nothing here", before + surround(secret), "nor here"], ALL_SECRETS);

        expect(others).toEqual([]);
        expect(leak).toMatch(/^a key, after: /);
        expect(leak).not.toContain(secret);
      }
    }
  });

  it("finds a token in longer text", () => {
    const part = (claims: object) => Buffer.from(JSON.stringify(claims)).toString("base64url");
    const token = `${part({ alg: "EdDSA" })}.${part({ sub: "somebody" })}.${"A-_9".repeat(20)}`;

    expect(leaksIn([`{\\"authorization\\":\\"Bearer ${token}\\"}`], ALL_SECRETS)).toEqual([
      expect.stringMatching(/^a token, after: .*Bearer $/),
    ]);
  });

  it("ignores text that is not a secret", () => {
    const others = [makeEcKey().formats["SEC1 PEM"], makeEd25519Key().file, first.slice(-31), "eyJhbGciOiJFZERTQSJ9."];

    expect(leaksIn(others, ALL_SECRETS)).toEqual([]);
  });
});

it("leaksOf finds a part of a key in the message or cause of an error", () => {
  const secret = Buffer.from(Array.from({ length: 64 }, (_, at) => 3 * at)).toString("base64");

  expect(leaksOf(new KeyError("x", `no ${secret.slice(20, 20 + RUN)}`), secret)).toHaveLength(1);
  expect(leaksOf(new KeyError("x", "no", { cause: new Error(secret) }), secret).length).toBeGreaterThan(10);
  expect(leaksOf(new KeyError("x", `no ${secret.slice(20, 19 + RUN)}`), secret)).toEqual([]);
});
