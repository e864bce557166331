import { generateKeyPairSync, type KeyObject, randomBytes, sign, verify } from "node:crypto";
import { inspect } from "node:util";
import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import type { ApiKey } from "../../../lambda/domain/api-key.ts";
import { KeyError } from "../../../lambda/domain/errors.ts";
import { parseApiKey } from "../../../lambda/secret/api-key.ts";
import { anyCharacter } from "../../support/any-character.ts";
import { makeEcKey, makeEd25519Key, type TestKey } from "../../support/keys.ts";
import { keepSecret, sawOutput } from "../../support/leak-watch.ts";

const ID_FIELDS = ["id", "name", "apiKeyId", "keyId"];
const KEY_FIELDS = ["privateKey", "secret", "apiKeySecret", "keySecret"];

const ed = makeEd25519Key();
const ec = makeEcKey();
const KEYS: [TestKey, ApiKey["algorithm"]][] = [
  [ed, "EdDSA"],
  [ec, "ES256"],
];

/** The files of both keys: every format under every pair of names. */
const files = KEYS.flatMap(([key]) => Object.values(key.formats).flatMap((text) => filesOf(key.id, text)));

function filesOf(id: string, privateKey: string): string[] {
  return ID_FIELDS.flatMap((idField) =>
    KEY_FIELDS.map((keyField) => JSON.stringify({ [idField]: id, [keyField]: privateKey })),
  );
}

/** Whether what the parsed key signs is what the key's public half takes. */
function signs({ privateKey, algorithm }: ApiKey, publicKey: KeyObject): boolean {
  const digest = algorithm === "EdDSA" ? null : "sha256";
  const data = randomBytes(32);
  return verify(digest, data, publicKey, sign(digest, data, privateKey));
}

/** The error, which the leak watch sees. */
function errorOf(text: string): KeyError {
  try {
    parseApiKey(text);
  } catch (thrown) {
    sawOutput(thrown);
    if (thrown instanceof KeyError) return thrown;
    throw thrown;
  }
  throw new Error("it was expected to be refused, and was not");
}

describe("a key file is read", () => {
  const MANGLINGS: [string, (pem: string) => string][] = [
    ["as it is", (pem) => pem],
    ["with literal \\n", (pem) => pem.replaceAll("\n", "\\n")],
    ["with literal \\r\\n", (pem) => pem.replaceAll("\n", "\\r\\n")],
    ["with CRLF", (pem) => pem.replaceAll("\n", "\r\n")],
    ["with old Macs' CR", (pem) => pem.replaceAll("\n", "\r")],
    ["with spaces instead of line breaks", (pem) => pem.replaceAll("\n", " ")],
    ["with nothing instead of line breaks", (pem) => pem.replaceAll("\n", "")],
    ["indented", (pem) => pem.replaceAll(/^(?=.)/gm, "    ")],
    ["with white space around it", (pem) => ` \t\r\n\n${pem}\n \t`],
    ["with a byte order mark", (pem) => `\uFEFF${pem}`],
    ["without its last line break", (pem) => pem.trimEnd()],
  ];
  const rows = KEYS.flatMap(([key, algorithm]) =>
    Object.entries(key.formats).flatMap(([format, text]) =>
      MANGLINGS.filter(([how]) => format.includes("PEM") || !/line|\\[rn]|CR/.test(how)).map(
        ([how, mangle]) => [algorithm, format, how, key, mangle(text)] as const,
      ),
    ),
  );
  it.each(rows)("%s: %s, %s, whatever the fields' names", (algorithm, _format, _how, key, privateKey) => {
    const parsed = filesOf(key.id, privateKey).map(parseApiKey);

    expect(parsed.map(({ id }) => id)).toEqual(Array(16).fill(key.id));
    expect(parsed.map((each) => each.algorithm)).toEqual(Array(16).fill(algorithm));
    expect(parsed.map((each) => signs(each, key.publicKey))).toEqual(Array(16).fill(true));
  });

  it.each<[string, (file: string) => string]>([
    ["white space around it", (file) => `\n\t ${file}\r\n`],
    ["a byte order mark", (file) => `\uFEFF${file}`],
    ["white space and then a byte order mark", (file) => `\n\uFEFF${file}`],
    ["line breaks and indentation", (file) => JSON.stringify(JSON.parse(file), null, 2)],
    [
      "fields that nobody knows",
      (file) => JSON.stringify({ ...JSON.parse(file), nickname: "treasury", usageCount: 3 }),
    ],
    ["another layer of JSON around it", (file) => JSON.stringify(file)],
    ["another layer of JSON with a line break in it", (file) => JSON.stringify(`${file}\n`)],
  ])("with %s", (_, mangle) => {
    const parsed = KEYS.map(([key]) => parseApiKey(mangle(key.file)));

    expect(parsed.map(({ id }) => id)).toEqual([ed.id, ec.id]);
    expect(parsed.map((each, i) => signs(each, (i === 0 ? ed : ec).publicKey))).toEqual([true, true]);
  });

  it("with the older download's long name as the id, white space trimmed", () => {
    const name = "organizations/0a/apiKeys/1b";

    const parsed = parseApiKey(JSON.stringify({ name: ` ${name}\n`, privateKey: ec.formats["SEC1 PEM"] }));

    expect(parsed.id).toBe(name);
  });

  it("in PKCS#8 under the label of SEC1", () => {
    const privateKey = ec.formats["PKCS#8 PEM"]?.replaceAll("PRIVATE KEY", "EC PRIVATE KEY");

    const parsed = parseApiKey(JSON.stringify({ id: ec.id, privateKey }));

    expect(signs(parsed, ec.publicKey)).toBe(true);
  });

  it("with base64 in the URL's alphabet, unpadded, or broken into lines", () => {
    const text = ed.formats["base64 of 64 bytes"] ?? "";
    const spellings = [
      text.replaceAll("+", "-").replaceAll("/", "_"),
      text.replace(/=+$/, ""),
      text.replace(/(.{40})/, "$1\n"),
      text.replace(/(.{40})/, "$1\\n"),
    ];

    const parsed = spellings.map((privateKey) => parseApiKey(JSON.stringify({ id: ed.id, privateKey })));

    expect(parsed.map((each) => signs(each, ed.publicKey))).toEqual([true, true, true, true]);
  });
});

describe("a key file is refused", () => {
  const [base64 = "", pem = "", sec1 = ""] = [
    ed.formats["base64 of 64 bytes"],
    ec.formats["PKCS#8 PEM"],
    ec.formats["SEC1 PEM"],
  ];
  const strange = (privateKey: unknown) => JSON.stringify({ id: "an-id", privateKey });
  const publicPem = ec.publicKey.export({ format: "pem", type: "spki" }) as string;
  const cipher = { cipher: "aes-256-cbc", passphrase: "tiger" };
  const rsa = generateKeyPairSync("rsa", { modulusLength: 1024 }).privateKey;
  const curve = (namedCurve: string) => generateKeyPairSync("ec", { namedCurve }).privateKey;
  const pkcs8 = (key: KeyObject) => kept(key.export({ format: "pem", type: "pkcs8" }) as string);

  function kept(text: string): string {
    for (const line of text.split("\n").filter((each) => /^[\w+/=]{40,}$/.test(each))) keepSecret(line.slice(-32));
    return text;
  }
  const bytes = (length: number) => kept(randomBytes(length).toString("base64"));
  const mismatched = Buffer.concat([
    Buffer.from(base64, "base64").subarray(0, 32),
    Buffer.from(makeEd25519Key().formats["base64 of 64 bytes"] ?? "", "base64").subarray(32),
  ]);

  it.each<[string, string, string, RegExp]>([
    ["nothing", "", "key_empty", /text is empty/],
    ["white space", " \n\t\r\n", "key_empty", /text is empty/],
    ["a byte order mark alone", "\uFEFF", "key_empty", /text is empty/],
    ["a bare PKCS#8 PEM", pem, "key_without_id", /bare PEM.*key's id/],
    ["a bare SEC1 PEM, indented", `\n   ${sec1}`, "key_without_id", /bare PEM.*key's id/],
    ["a bare base64 key", base64, "key_not_json", /text that is no JSON \(88 characters\)/],
    ["cut JSON", ed.file.slice(0, -10), "key_not_json", /JSON that is broken or cut \(\d+ characters\)/],
    ["JSON in single quotes", ed.file.replaceAll('"', "'"), "key_not_json", /broken or cut/],
    ["a JSON array", `[${ed.file}]`, "key_not_json", /JSON, but no object/],
    ["a JSON number", "42", "key_not_json", /JSON, but no object/],
    ["null", "null", "key_not_json", /JSON, but no object/],
    ["true", "true", "key_not_json", /JSON, but no object/],
    ["a JSON string that is none", JSON.stringify(base64), "key_not_json", /no JSON/],
    ["three layers of JSON", JSON.stringify(JSON.stringify(ed.file)), "key_not_json", /JSON, but no object/],
    [
      "no id",
      JSON.stringify({ privateKey: base64 }),
      "key_field_missing",
      /no field for the key's id \(id, name, apiKeyId, keyId\)/,
    ],
    [
      "no key",
      JSON.stringify({ id: "an-id" }),
      "key_field_missing",
      /no field for the private key \(privateKey, secret, apiKeySecret, keySecret\)/,
    ],
    ["no field at all", "{}", "key_field_missing", /no field for the key's id/],
    [
      "an id that is no string",
      JSON.stringify({ id: 7, privateKey: base64 }),
      "key_field_missing",
      /field "id" that is no text/,
    ],
    [
      "an id that is null",
      JSON.stringify({ name: null, privateKey: base64 }),
      "key_field_missing",
      /field "name" that is no text/,
    ],
    ["an empty id", JSON.stringify({ keyId: " ", keySecret: base64 }), "key_field_missing", /field "keyId" .*empty/],
    ["a key that is no string", strange({ d: base64 }), "key_field_missing", /field "privateKey" that is no text/],
    ["an array as the key", strange([base64]), "key_field_missing", /field "privateKey" that is no text/],
    ["an empty key", JSON.stringify({ id: "an-id", secret: "" }), "key_field_missing", /field "secret" .*empty/],
    ["a public key", strange(publicPem), "key_unreadable", /PEM without a whole PRIVATE KEY block.*public key/],
    ["a PEM without its end", strange(pem.slice(0, -20)), "key_unreadable", /PEM without a whole PRIVATE KEY block/],
    ["a PEM of a head alone", strange(pem.slice(0, 30)), "key_unreadable", /PEM without a whole PRIVATE KEY block/],
    [
      "a PEM cut in the middle",
      strange(pem.replace(/^(.*\n.{40})[\s\S]*(\n-----END)/, "$1$2")),
      "key_unreadable",
      /PEM \(PRIVATE KEY\) whose content is damaged/,
    ],
    [
      "a PEM without content",
      strange(pem.replace(/\n[\s\S]*\n(?=-----END)/, "\n")),
      "key_unreadable",
      /PEM \(PRIVATE KEY\) whose content is damaged/,
    ],
    [
      "a PEM protected by a password",
      strange(ec.privateKey.export({ format: "pem", type: "pkcs8", ...cipher })),
      "key_unreadable",
      /protected by a password/,
    ],
    [
      "a SEC1 PEM protected by a password",
      strange(ec.privateKey.export({ format: "pem", type: "sec1", ...cipher })),
      "key_unreadable",
      /protected by a password/,
    ],
    ["an RSA key", strange(pkcs8(rsa)), "key_unsupported", /kind rsa/],
    [
      "an RSA key in PKCS#1",
      strange(kept(rsa.export({ format: "pem", type: "pkcs1" }) as string)),
      "key_unsupported",
      /kind rsa/,
    ],
    ["an EC key on secp256k1", strange(pkcs8(curve("secp256k1"))), "key_unsupported", /kind ec secp256k1/],
    ["an EC key on P-384", strange(pkcs8(curve("P-384"))), "key_unsupported", /kind ec secp384r1/],
    ["an X25519 key", strange(pkcs8(generateKeyPairSync("x25519").privateKey)), "key_unsupported", /kind x25519/],
    ["an Ed448 key", strange(pkcs8(generateKeyPairSync("ed448").privateKey)), "key_unsupported", /kind ed448/],
    ["base64 of 31 bytes", strange(bytes(31)), "key_unreadable", /base64 of 31 bytes; an Ed25519 key has 64, or 32/],
    ["base64 of 33 bytes", strange(bytes(33)), "key_unreadable", /base64 of 33 bytes/],
    ["base64 of 63 bytes", strange(bytes(63)), "key_unreadable", /base64 of 63 bytes/],
    ["base64 of 65 bytes", strange(bytes(65)), "key_unreadable", /base64 of 65 bytes/],
    [
      "halves that do not match",
      strange(mismatched.toString("base64")),
      "key_unreadable",
      /two halves do not belong together/,
    ],
    [
      "text that is no base64",
      strange(`${base64.slice(0, 40)}!${base64.slice(41)}`),
      "key_unreadable",
      /neither a PEM nor base64 \(88 characters\)/,
    ],
    ["hex with colons", strange("3a:4b:5c"), "key_unreadable", /neither a PEM nor base64/],
  ])("that holds %s, and says what was seen", (_, text, code, message) => {
    const error = errorOf(text);

    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
    expect(error.message).toContain("Give the JSON key file of the CDP portal, as it is.");
    expect(leaksOf(error, text)).toEqual([]);
  });
});

/** How many characters of a key in a row are a leak. */
const RUN = 12;

/** The runs of a text's key material that an error shows in any way. */
function leaksOf(error: unknown, text: string): string[] {
  const shown = [
    inspect(error, { depth: 12, showHidden: true, maxStringLength: null }),
    error instanceof Error ? `${error.message}\n${error.stack}\n${inspect(error.cause)}` : String(error),
    JSON.stringify(error),
  ].join("\n");
  // Key material is what is as long as no word: of a PEM each line, of base64 all of it.
  return (text.match(/[\w+/-]{24,}/g) ?? [])
    .flatMap((word) => Array.from({ length: word.length - RUN + 1 }, (_, i) => word.slice(i, i + RUN)))
    .filter((run) => shown.includes(run));
}

/** Either it can be used, or it is refused with a KeyError that shows nothing of the key. */
function worksOrIsRefused(text: string, whole = text): void {
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

describe("nothing of a key is shown", () => {
  it("and its search finds what there is to be found", () => {
    const [secret = ""] = Object.values(ed.formats);

    expect(leaksOf(new KeyError("x", `no ${secret.slice(20, 20 + RUN)}`), ed.file)).toHaveLength(1);
    expect(leaksOf(new KeyError("x", "no", { cause: new Error(secret) }), ed.file).length).toBeGreaterThan(10);
    expect(leaksOf(new KeyError("x", `no ${secret.slice(20, 19 + RUN)}`), ed.file)).toEqual([]);
  });

  it("by any text", () => {
    const texts = fc.oneof(
      fc.string(),
      fc.string({ unit: "grapheme" }),
      fc.json(),
      fc
        .constantFrom(...Object.values(ed.formats), ...Object.values(ec.formats))
        .chain((text) => fc.tuple(fc.string(), fc.string()).map(([before, after]) => before + text + after)),
    );
    fc.assert(
      fc.property(texts, (text) => worksOrIsRefused(text)),
      { numRuns: 500 },
    );
  });

  it("by a JSON object of any kind under the right names", () => {
    const value = fc.oneof(
      fc.string(),
      fc.base64String(),
      fc.jsonValue(),
      fc.string().map((text) => `-----BEGIN ${text}`),
    );
    const record = fc.tuple(fc.constantFrom(...ID_FIELDS), value, fc.constantFrom(...KEY_FIELDS), value);
    fc.assert(
      fc.property(record, ([idField, id, keyField, key]) =>
        worksOrIsRefused(JSON.stringify({ [idField]: id, [keyField]: key })),
      ),
      { numRuns: 400 },
    );
  });

  it("by a file with one character damaged", () => {
    const anyFile = fc.constantFrom(...files);
    const damage = fc.oneof(
      fc.constantFrom(...'AZaz09+/=-\\"{}:, \n'),
      fc.string({ unit: anyCharacter, minLength: 1, maxLength: 1 }),
      fc.constant(""),
    );
    fc.assert(
      fc.property(anyFile, fc.nat(), damage, (file, at, character) => {
        const i = at % file.length;
        worksOrIsRefused(file.slice(0, i) + character + file.slice(i + 1), file);
      }),
      { numRuns: 800 },
    );
  });

  it("by a file cut at either end", () => {
    fc.assert(
      fc.property(fc.constantFrom(...files), fc.nat(), fc.boolean(), (file, at, atEnd) => {
        const i = at % file.length;
        worksOrIsRefused(atEnd ? file.slice(0, i) : file.slice(i), file);
      }),
      { numRuns: 500 },
    );
  });

  it("by a private key cut within a file that is whole", () => {
    const formats = [...Object.values(ed.formats), ...Object.values(ec.formats)];
    fc.assert(
      fc.property(fc.constantFrom(...formats), fc.nat(), fc.nat(), (text, from, to) => {
        const [start, end] = [from % text.length, to % (text.length + 1)];
        worksOrIsRefused(JSON.stringify({ id: "an-id", privateKey: text.slice(start, end) }), text);
      }),
      { numRuns: 500 },
    );
  });
});
