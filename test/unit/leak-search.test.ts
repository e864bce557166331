import { expect, it } from "@jest/globals";
import { makeEcKey, makeEd25519Key } from "../support/keys.ts";

// In JavaScript, for jest runs it outside of the tests: a name that the compiler does not follow.
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
const MANY = [
  ...Object.values(SECRETS),
  ...Array.from({ length: 50 }, () => makeEd25519Key().formats["base64 of the seed"]?.slice(-32) ?? ""),
];

const SURROUNDED = {
  "by itself": (secret: string) => secret,
  "in longer text of the same characters": (secret: string) => `${"abc+/_-9".repeat(40)}${secret}${"ABC09".repeat(40)}`,
  "between line ends that are escaped": (secret: string) => JSON.stringify({ key: `-----\n${secret}\n-----` }),
  "twice escaped": (secret: string) => JSON.stringify(JSON.stringify(`-----\n${secret}\n-----`)),
};

it.each(Object.entries(SECRETS))("a leak of %s is found wherever it is", (_, secret) => {
  for (const surround of Object.values(SURROUNDED)) {
    // Each place counts, for the search goes in steps.
    for (let at = 0; at < 40; at++) {
      const before = "~".repeat(at);
      const [leak, ...others] = leaksIn(["nothing here", before + surround(secret), "nor here"], MANY);

      expect(others).toEqual([]);
      expect(leak).toMatch(/^a key, after: /);
      expect(leak).not.toContain(secret);
    }
  }
});

it("a token is found in longer text", () => {
  const part = (claims: object) => Buffer.from(JSON.stringify(claims)).toString("base64url");
  const token = `${part({ alg: "EdDSA" })}.${part({ sub: "somebody" })}.${"A-_9".repeat(20)}`;

  expect(leaksIn([`{\\"authorization\\":\\"Bearer ${token}\\"}`], MANY)).toEqual([
    expect.stringMatching(/^a token, after: .*Bearer $/),
  ]);
});

it("what is no secret is no leak", () => {
  const others = [makeEcKey().formats["SEC1 PEM"], makeEd25519Key().file, first.slice(-31), "eyJhbGciOiJFZERTQSJ9."];

  expect(leaksIn(others, MANY)).toEqual([]);
});
