import { createPublicKey, generateKeyPairSync, type KeyObject, randomBytes } from "node:crypto";
import { KeyError } from "../../../core/domain/errors.ts";
import { decodeText } from "../../../core/domain/text-encoding.ts";
import { parseApiKey } from "../../../core/key/api-key.ts";
import { describe, expect, it } from "../../support/jest.ts";
import { makeEcKey, makeEd25519Key } from "../../support/keys.ts";
import { keepSecret, sawOutput } from "../../support/leak-watch.ts";
import { leaksOf, signs } from "./key-checks.ts";

const ed = makeEd25519Key();
const ec = makeEcKey();

/** Returns the error for a key. The leak watch sees it. */
function errorOf(text: string): KeyError {
  try {
    parseApiKey(text);
  } catch (thrown) {
    sawOutput(thrown);
    if (thrown instanceof KeyError) return thrown;
    throw thrown;
  }
  throw new Error("expected a KeyError");
}

// test/fuzz/keys.test.ts reads key files in any spelling.
describe("parseApiKey", () => {
  const base64 = ed.formats["base64 of 64 bytes"] ?? "";
  it.each([
    ["PKCS#8 with the label of SEC1", ec, ec.formats["PKCS#8 PEM"]?.replaceAll("PRIVATE KEY", "EC PRIVATE KEY")],
    ["base64 with an escaped line break", ed, base64.replace(/(.{40})/, "$1\\n")],
  ])("accepts %s", (_, { id, publicKey }, privateKey) => {
    expect(signs(parseApiKey(JSON.stringify({ id, privateKey })), publicKey)).toBe(true);
  });
});

/** Returns a text as bytes in an encoding, with or without a byte order mark. */
function encoded(text: string, encoding: "utf-8" | "utf-16le" | "utf-16be", mark: boolean): Buffer {
  const bytes = Buffer.from(`${mark ? "\uFEFF" : ""}${text}`, encoding === "utf-8" ? "utf8" : "utf16le");
  return encoding === "utf-16be" ? bytes.swap16() : bytes;
}

describe("decodeText", () => {
  const ENCODINGS = ["utf-8", "utf-16le", "utf-16be"] as const;

  it.each(ENCODINGS.flatMap((encoding) => [true, false].map((mark) => [encoding, mark] as const)))(
    "reads a key file in %s, byte order mark: %p",
    (encoding, mark) => {
      const file = JSON.stringify({ nickname: "Trésor 金", ...JSON.parse(ed.file) }, null, 2);

      const text = decodeText(encoded(`${file}\r\n`, encoding, mark));

      expect(signs(parseApiKey(text), ed.publicKey)).toBe(true);
      expect(JSON.parse(text)).toMatchObject({ nickname: "Trésor 金" });
    },
  );
});

describe("parseApiKey of an invalid text", () => {
  const MISSING = "key_field_missing";
  const UNREADABLE = "key_unreadable";
  const ENCODING = "key_encoding";
  const MISMATCH = /private and public parts do not match/;
  const OTHER_ENCODING = /^The key's text is damaged or in another encoding\. Expected UTF-8 or UTF-16\.$/;
  const marked = (encoding: Parameters<typeof encoded>[1]) => encoded(ed.file, encoding, true);
  const utf32 = (text: string) =>
    Buffer.concat([...text].map((character) => Buffer.from([character.charCodeAt(0), 0, 0, 0])));
  const [base64 = "", pem = "", _sec1 = ""] = [
    ed.formats["base64 of 64 bytes"],
    ec.formats["PKCS#8 PEM"],
    ec.formats["SEC1 PEM"],
  ];
  const fileWith = (privateKey: unknown) => JSON.stringify({ id: "an-id", privateKey });
  const publicPem = ec.publicKey.export({ format: "pem", type: "spki" }) as string;
  const cutPem = pem.replace(/^(.*\n.{40})[\s\S]*(\n-----END)/, "$1$2");
  const encrypted = (type: "pkcs8" | "sec1") =>
    ec.privateKey.export({ format: "pem", type, cipher: "aes-256-cbc", passphrase: "tiger" });
  const rsa = generateKeyPairSync("rsa", { modulusLength: 1024 }).privateKey;
  const secp256k1 = generateKeyPairSync("ec", { namedCurve: "secp256k1" }).privateKey;
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

  /** Returns an EC key in DER whose public part is another key's. */
  const mixedEc = (type: "pkcs8" | "sec1", label: string) => {
    const point = createPublicKey(makeEcKey().privateKey).export({ format: "der", type: "spki" }).subarray(-64);
    const der = Buffer.concat([ec.privateKey.export({ format: "der", type }).subarray(0, -64), point]);
    return kept(`-----BEGIN ${label}-----\n${der.toString("base64")}\n-----END ${label}-----\n`);
  };

  it.each<[string, string, string, RegExp]>([
    ["a byte order mark only", "\uFEFF", "key_empty", /key is empty/],
    ["a bare PKCS#8 PEM", pem, "key_without_id", /only a PEM.*key's id/],
    ["a bare base64 key", base64, "key_not_json", /not JSON \(88 characters\)/],
    ["UTF-16 that was decoded as UTF-8", marked("utf-16le").toString(), ENCODING, OTHER_ENCODING],
    ["UTF-8 that was decoded as Latin-1", marked("utf-8").toString("latin1"), ENCODING, OTHER_ENCODING],
    ["UTF-32", decodeText(utf32(ed.file)), ENCODING, OTHER_ENCODING],
    ["a binary file", decodeText(Buffer.from([0x30, 0x82, 0x01, 0xff, 0xfe])), ENCODING, OTHER_ENCODING],
    [
      "an id in another encoding",
      decodeText(Buffer.from(JSON.stringify({ id: "clé", privateKey: base64 }), "latin1")),
      ENCODING,
      /^The key's field "id" is damaged or in another encoding\. Expected UTF-8 or UTF-16\.$/,
    ],
    ["cut JSON", ed.file.slice(0, -10), "key_not_json", /incomplete or damaged JSON \(\d+ characters\)/],
    ["three layers of JSON", JSON.stringify(JSON.stringify(ed.file)), "key_not_json", /JSON, but not an object/],
    [
      "no id",
      JSON.stringify({ privateKey: base64 }),
      MISSING,
      /no field for the key's id \(id, name, apiKeyId, keyId\)/,
    ],
    ["no key", JSON.stringify({ id: "an-id" }), MISSING, /no field for the private key \(privateKey, secret, apiKey/],
    ["an empty id", JSON.stringify({ keyId: " ", keySecret: base64 }), MISSING, /field "keyId" .*empty/],
    ["a key that is an object", fileWith({ d: base64 }), MISSING, /field "privateKey" that is .*not a string/],
    ["a public key", fileWith(publicPem), UNREADABLE, /PEM without a complete PRIVATE KEY block.*public key/],
    ["a PEM without its end", fileWith(pem.slice(0, -20)), UNREADABLE, /PEM without a complete PRIVATE KEY block/],
    ["a PEM cut in the middle", fileWith(cutPem), UNREADABLE, /PEM \(PRIVATE KEY\) whose content is damaged/],
    ["a SEC1 PEM with a password", fileWith(encrypted("sec1")), UNREADABLE, /protected by a password/],
    ["base64 of 31 bytes", fileWith(bytes(31)), UNREADABLE, /base64 of 31 bytes\. An Ed25519 key has 64 or 32/],
    ["parts that differ", fileWith(mismatched.toString("base64")), UNREADABLE, MISMATCH],
    ["a PKCS#8 PEM with another public part", fileWith(mixedEc("pkcs8", "PRIVATE KEY")), UNREADABLE, MISMATCH],
    ["a SEC1 PEM with another public part", fileWith(mixedEc("sec1", "EC PRIVATE KEY")), UNREADABLE, MISMATCH],
    [
      "text that is not base64",
      fileWith(`!${base64.slice(1)}`),
      UNREADABLE,
      /neither a PEM nor base64 \(88 characters\)/,
    ],
    ["an RSA key", fileWith(pkcs8(rsa)), "key_unsupported", /type rsa/],
    ["an EC key on secp256k1", fileWith(pkcs8(secp256k1)), "key_unsupported", /type ec secp256k1/],
  ])("rejects %s, and describes it", (_, text, code, message) => {
    const error = errorOf(text);

    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
    expect(error.suggestedFix).toBe("Use the JSON key file from the CDP portal, unchanged.");
    expect(leaksOf(error, text)).toEqual([]);
  });
});
