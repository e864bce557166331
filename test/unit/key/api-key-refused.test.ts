import { generateKeyPairSync, type KeyObject, randomBytes } from "node:crypto";
import { describe, expect, it } from "@jest/globals";
import { makeEd25519Key } from "../../support/keys.ts";
import { keepSecret } from "../../support/leak-watch.ts";
import { ec, ed, errorOf, leaksOf } from "./key-files.ts";

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
