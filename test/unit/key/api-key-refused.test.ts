import { generateKeyPairSync, type KeyObject, randomBytes } from "node:crypto";
import { describe, expect, it } from "@jest/globals";
import { makeEd25519Key } from "../../support/keys.ts";
import { keepSecret } from "../../support/leak-watch.ts";
import { ec, ed, errorOf, leaksOf } from "./key-files.ts";

describe("parseApiKey", () => {
  const [base64 = "", pem = "", sec1 = ""] = [
    ed.formats["base64 of 64 bytes"],
    ec.formats["PKCS#8 PEM"],
    ec.formats["SEC1 PEM"],
  ];
  const fileWith = (privateKey: unknown) => JSON.stringify({ id: "an-id", privateKey });
  const publicPem = ec.publicKey.export({ format: "pem", type: "spki" }) as string;
  const cipher = { cipher: "aes-256-cbc", passphrase: "tiger" };
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

  it.each<[string, string, string, RegExp]>([
    ["nothing", "", "key_empty", /key is empty/],
    ["only a byte order mark", "\uFEFF", "key_empty", /key is empty/],
    ["a bare PKCS#8 PEM", pem, "key_without_id", /only a PEM.*key's id/],
    ["a bare SEC1 PEM, indented", `\n   ${sec1}`, "key_without_id", /only a PEM.*key's id/],
    ["a bare base64 key", base64, "key_not_json", /not JSON \(88 characters\)/],
    ["cut JSON", ed.file.slice(0, -10), "key_not_json", /incomplete or damaged JSON \(\d+ characters\)/],
    ["a JSON array", `[${ed.file}]`, "key_not_json", /JSON, but not an object/],
    ["a JSON number", "42", "key_not_json", /JSON, but not an object/],
    ["three layers of JSON", JSON.stringify(JSON.stringify(ed.file)), "key_not_json", /JSON, but not an object/],
    [
      "no id",
      JSON.stringify({ privateKey: base64 }),
      "key_field_missing",
      /has no field for the key's id \(id, name, apiKeyId, keyId\)/,
    ],
    [
      "no key",
      JSON.stringify({ id: "an-id" }),
      "key_field_missing",
      /has no field for the private key \(privateKey, secret, apiKeySecret, keySecret\)/,
    ],
    [
      "an id that is not a string",
      JSON.stringify({ id: 7, privateKey: base64 }),
      "key_field_missing",
      /field "id" that is .*not a string/,
    ],
    ["an empty id", JSON.stringify({ keyId: " ", keySecret: base64 }), "key_field_missing", /field "keyId" .*empty/],
    [
      "a key that is not a string",
      fileWith({ d: base64 }),
      "key_field_missing",
      /field "privateKey" that is .*not a string/,
    ],
    ["an empty key", JSON.stringify({ id: "an-id", secret: "" }), "key_field_missing", /field "secret" .*empty/],
    ["a public key", fileWith(publicPem), "key_unreadable", /PEM without a complete PRIVATE KEY block.*public key/],
    [
      "a PEM without its end",
      fileWith(pem.slice(0, -20)),
      "key_unreadable",
      /PEM without a complete PRIVATE KEY block/,
    ],
    [
      "a PEM cut in the middle",
      fileWith(pem.replace(/^(.*\n.{40})[\s\S]*(\n-----END)/, "$1$2")),
      "key_unreadable",
      /PEM \(PRIVATE KEY\) whose content is damaged/,
    ],
    [
      "a PEM protected by a password",
      fileWith(ec.privateKey.export({ format: "pem", type: "pkcs8", ...cipher })),
      "key_unreadable",
      /protected by a password/,
    ],
    [
      "a SEC1 PEM protected by a password",
      fileWith(ec.privateKey.export({ format: "pem", type: "sec1", ...cipher })),
      "key_unreadable",
      /protected by a password/,
    ],
    ["an RSA key", fileWith(pkcs8(rsa)), "key_unsupported", /type rsa/],
    ["an EC key on secp256k1", fileWith(pkcs8(secp256k1)), "key_unsupported", /type ec secp256k1/],
    ["an Ed448 key", fileWith(pkcs8(generateKeyPairSync("ed448").privateKey)), "key_unsupported", /type ed448/],
    ["base64 of 31 bytes", fileWith(bytes(31)), "key_unreadable", /base64 of 31 bytes\. An Ed25519 key has 64 or 32/],
    ["base64 of 65 bytes", fileWith(bytes(65)), "key_unreadable", /base64 of 65 bytes/],
    [
      "parts that do not match",
      fileWith(mismatched.toString("base64")),
      "key_unreadable",
      /private and public parts do not match/,
    ],
    [
      "text that is not base64",
      fileWith(`${base64.slice(0, 40)}!${base64.slice(41)}`),
      "key_unreadable",
      /neither a PEM nor base64 \(88 characters\)/,
    ],
  ])("rejects %s, and describes it", (_, text, code, message) => {
    const error = errorOf(text);

    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
    expect(error.suggestedFix).toBe("Use the JSON key file from the CDP portal, unchanged.");
    expect(leaksOf(error, text)).toEqual([]);
  });
});
