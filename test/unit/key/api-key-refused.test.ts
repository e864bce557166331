import { generateKeyPairSync, type KeyObject, randomBytes } from "node:crypto";
import { describe, expect, it } from "@jest/globals";
import { makeEd25519Key } from "../../support/keys.ts";
import { keepSecret } from "../../support/leak-watch.ts";
import { ec, ed, errorOf, leaksOf } from "./key-files.ts";

const MISSING = "key_field_missing";
const UNREADABLE = "key_unreadable";

describe("parseApiKey", () => {
  const [base64 = "", pem = "", sec1 = ""] = [
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

  it.each<[string, string, string, RegExp]>([
    ["a byte order mark only", "\uFEFF", "key_empty", /key is empty/],
    ["a bare PKCS#8 PEM", pem, "key_without_id", /only a PEM.*key's id/],
    ["a bare SEC1 PEM, indented", `\n   ${sec1}`, "key_without_id", /only a PEM.*key's id/],
    ["a bare base64 key", base64, "key_not_json", /not JSON \(88 characters\)/],
    ["cut JSON", ed.file.slice(0, -10), "key_not_json", /incomplete or damaged JSON \(\d+ characters\)/],
    ["a JSON array", `[${ed.file}]`, "key_not_json", /JSON, but not an object/],
    ["three layers of JSON", JSON.stringify(JSON.stringify(ed.file)), "key_not_json", /JSON, but not an object/],
    [
      "no id",
      JSON.stringify({ privateKey: base64 }),
      MISSING,
      /no field for the key's id \(id, name, apiKeyId, keyId\)/,
    ],
    ["no key", JSON.stringify({ id: "an-id" }), MISSING, /no field for the private key \(privateKey, secret, apiKey/],
    ["an id that is a number", JSON.stringify({ id: 7, secret: base64 }), MISSING, /field "id" that is .*not a string/],
    ["an empty id", JSON.stringify({ keyId: " ", keySecret: base64 }), MISSING, /field "keyId" .*empty/],
    ["a key that is an object", fileWith({ d: base64 }), MISSING, /field "privateKey" that is .*not a string/],
    ["an empty key", JSON.stringify({ id: "an-id", secret: "" }), MISSING, /field "secret" .*empty/],
    ["a public key", fileWith(publicPem), UNREADABLE, /PEM without a complete PRIVATE KEY block.*public key/],
    ["a PEM without its end", fileWith(pem.slice(0, -20)), UNREADABLE, /PEM without a complete PRIVATE KEY block/],
    ["a PEM cut in the middle", fileWith(cutPem), UNREADABLE, /PEM \(PRIVATE KEY\) whose content is damaged/],
    ["a PKCS#8 PEM with a password", fileWith(encrypted("pkcs8")), UNREADABLE, /protected by a password/],
    ["a SEC1 PEM with a password", fileWith(encrypted("sec1")), UNREADABLE, /protected by a password/],
    ["base64 of 31 bytes", fileWith(bytes(31)), UNREADABLE, /base64 of 31 bytes\. An Ed25519 key has 64 or 32/],
    ["base64 of 65 bytes", fileWith(bytes(65)), UNREADABLE, /base64 of 65 bytes/],
    ["parts that differ", fileWith(mismatched.toString("base64")), UNREADABLE, /private and public parts do not match/],
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
