import { createECDH, createPrivateKey, createPublicKey, type JsonWebKeyInput, type KeyObject } from "node:crypto";
import fc from "fast-check";
import type { ApiKey } from "../../core/domain/api-key.ts";
import { KeyError } from "../../core/domain/errors.ts";
import { parseApiKey } from "../../core/key/api-key.ts";
import { anyCharacter } from "../support/any-character.ts";
import { describe, expect } from "../support/jest.ts";
import { leaksOf, signs } from "../unit/key/key-checks.ts";
import { fuzz } from "./fuzz.ts";
import { anyShare } from "./texts.ts";

/** A key in one of the formats in use. Its secret comes from the seed of the case, so that a case can be repeated. */
interface KeyText {
  readonly algorithm: ApiKey["algorithm"];
  readonly publicKey: KeyObject;
  readonly text: string;
  /** Whether it contains the private and the public part, so that damage can be detected. */
  readonly hasBothParts: boolean;
}

const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes));

const anyEd25519 = bytes32.chain((seed) => {
  const der = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), seed]);
  const privateKey = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  const publicKey = createPublicKey(privateKey);
  const point = Buffer.from(publicKey.export({ format: "jwk" }).x ?? "", "base64url");
  const formats = {
    both: Buffer.concat([seed, point]).toString("base64"),
    seed: seed.toString("base64"),
    url: Buffer.concat([seed, point]).toString("base64url"),
    pkcs8: String(privateKey.export({ format: "pem", type: "pkcs8" })),
  };
  const withBothParts = [formats.both, formats.url];
  return anyFormat(formats).map(
    (text): KeyText => ({ algorithm: "EdDSA", publicKey, text, hasBothParts: withBothParts.includes(text) }),
  );
});

const anyP256 = bytes32.chain((secret) => {
  // Below the order of the curve, and not zero.
  secret[0] = 0x7f & (secret[0] ?? 0);
  secret[31] = 1 | (secret[31] ?? 0);
  const ecdh = createECDH("prime256v1");
  ecdh.setPrivateKey(secret);
  const point = ecdh.getPublicKey();
  const [d, x, y] = [secret, point.subarray(1, 33), point.subarray(33)].map((part) => part.toString("base64url"));
  const privateKey = createPrivateKey({
    key: { kty: "EC", crv: "P-256", d, x, y } as JsonWebKeyInput["key"],
    format: "jwk",
  });
  const formats = {
    sec1: String(privateKey.export({ format: "pem", type: "sec1" })),
    pkcs8: String(privateKey.export({ format: "pem", type: "pkcs8" })),
  };
  return anyFormat(formats).map(
    (text): KeyText => ({ algorithm: "ES256", publicKey: createPublicKey(privateKey), text, hasBothParts: true }),
  );
});

function anyFormat(formats: Readonly<Record<string, string>>): fc.Arbitrary<string> {
  return fc.constantFrom(...Object.values(formats));
}

const space = fc.string({ unit: fc.constantFrom(" ", "\n", "\r\n", "\t", "\r"), maxLength: 3 });
const lineBreak = fc.constantFrom("\n", "\r\n", "\r", "\\n", "\\r\\n", " ", "  \n ", "");

/** Returns the text with other line breaks, and with white space around it. */
const spelled = ({ text }: KeyText) =>
  fc
    .tuple(space, lineBreak, space)
    .map(([before, between, after]) => `${before}${text.replaceAll("\n", between)}${after}`);

const anyFile = fc.oneof(anyEd25519, anyP256).chain((key) =>
  fc.record({
    key: fc.constant(key),
    spelling: spelled(key),
    idField: fc.constantFrom("id", "name", "apiKeyId", "keyId"),
    keyField: fc.constantFrom("privateKey", "secret", "apiKeySecret", "keySecret"),
    id: fc.oneof(fc.uuid(), fc.constant("organizations/0a/apiKeys/1b"), fc.constant(" padded\n")),
    indent: fc.constantFrom(undefined, 2, "\t"),
    before: fc.constantFrom("", "\ufeff", " \n", "\r\n\t"),
    after: space,
    layers: fc.constantFrom(1, 2),
  }),
);

type KeyFile = typeof anyFile extends fc.Arbitrary<infer File> ? File : never;

function fileOf({ spelling, idField, keyField, id, indent, before, after, layers }: KeyFile): string {
  const file = JSON.stringify({ [idField]: id, nickname: "treasury", [keyField]: spelling }, null, indent);
  return `${before}${layers === 2 ? JSON.stringify(file) : file}${after}`;
}

/** Returns the key of a text, or `undefined` if it is rejected with an error that shows nothing of the secret. */
function parsedOrRejected(text: string, secret: string): ApiKey | undefined {
  try {
    const parsed = parseApiKey(text);
    expect(parsed.id.trim()).not.toBe("");
    return parsed;
  } catch (thrown) {
    if (!(thrown instanceof KeyError)) throw thrown;
    expect(thrown.code).toMatch(/^key_(empty|encoding|without_id|not_json|field_missing|unreadable|unsupported)$/);
    expect(thrown.message.length).toBeLessThan(400);
    expect(leaksOf(thrown, secret)).toEqual([]);
    return undefined;
  }
}

describe("key files", () => {
  fuzz("a key file in any spelling signs like the key", 200, anyFile, (file) => {
    const { key, id } = file;

    const parsed = parseApiKey(fileOf(file));

    expect([parsed.id, parsed.algorithm]).toEqual([id.trim(), key.algorithm]);
    expect(signs(parsed, key.publicKey)).toBe(true);
  });

  const anyDamage = fc.record({
    file: anyFile,
    where: fc.constantFrom("file", "key"),
    share: anyShare,
    // Up to the end, it cuts the text.
    length: fc.oneof(fc.constant(1), fc.integer({ min: 0, max: 40 }), fc.constant(10_000)),
    insert: fc.oneof(
      fc.constantFrom(..."AQgwaz09+/"),
      fc.constantFrom("", "A", "=", "-", "\\", '"', "}", "\n", "\u0000", "é", "-----END PRIVATE KEY-----"),
      fc.base64String({ maxLength: 8 }),
      fc.string({ unit: anyCharacter, maxLength: 3 }),
    ),
  });

  fuzz("a corrupt key file is rejected or is a valid key", 75, anyDamage, ({ file, where, share, length, insert }) => {
    const damaged = (text: string) => {
      const at = Math.floor(share * text.length);
      return text.slice(0, at) + insert + text.slice(at + length);
    };
    const { spelling } = file;
    const text = where === "file" ? damaged(fileOf(file)) : fileOf({ ...file, spelling: damaged(spelling) });

    const { key } = file;
    const parsed = parsedOrRejected(text, key.text);

    // A seed with another character is another valid seed. A key with both parts that was cut may be a seed.
    if (parsed !== undefined) {
      const isPair = key.hasBothParts && text.length >= fileOf(file).length;
      expect(signs(parsed, isPair ? key.publicKey : createPublicKey(parsed.privateKey))).toBe(true);
    }
  });

  it("a cut key with both parts is accepted if what is left is a seed, which nothing can check", () => {
    const text = JSON.stringify({ id: "i", privateKey: `${"A".repeat(40)}AAE=` });

    const parsed = parseApiKey(text);

    expect(signs(parsed, createPublicKey(parsed.privateKey))).toBe(true);
  });
});
