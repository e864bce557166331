import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from "node:crypto";
import type { ApiKey } from "../domain/api-key.ts";
import { KeyError } from "../domain/errors.ts";

/** JSON field names of the key's id in key files; the first one present is used. */
export const ID_FIELDS: readonly string[] = ["id", "name", "apiKeyId", "keyId"];
/** JSON field names of the private key in key files; the first one present is used. */
export const PRIVATE_KEY_FIELDS: readonly string[] = ["privateKey", "secret", "apiKeySecret", "keySecret"];

/** The PKCS#8 encoding of an Ed25519 seed, without the seed itself (RFC 8410, section 7). */
const ED25519_PKCS8_HEAD = Buffer.from("302e020100300506032b657004220420", "hex");

/**
 * What a text contains if its bytes were decoded in another encoding than it was written in: zero characters of UTF-16,
 * replacement characters, or a byte order mark that a Windows code page turned into letters.
 */
const WRONGLY_DECODED = /[\0\uFFFD]|^(?:ï»¿|ÿþ|þÿ)/;

const SUGGESTED_FIX = "Use the JSON key file from the CDP portal, unchanged.";

/** Where the text of a key is from, as errors name it. */
export interface KeyOrigin {
  readonly name: string;
  /** Default: to use the file of the CDP portal. */
  readonly suggestedFix?: string;
}

/**
 * Parses an API key: the JSON file of the CDP portal, current or older, or a JSON file of other tools. The private key is
 * Ed25519 (base64 of 64 or 32 bytes, or PKCS#8 PEM) or EC P-256 (PKCS#8 or SEC1 PEM). The line breaks of a PEM may be
 * literal `\n`, CRLF or spaces.
 * @throws KeyError that names the origin, describes the format, and never shows any part of the key
 */
export function parseApiKey(text: string, origin?: KeyOrigin): ApiKey {
  try {
    return parse(text);
  } catch (thrown) {
    if (!(thrown instanceof KeyError) || origin === undefined) throw thrown;
    const { name, suggestedFix = thrown.suggestedFix } = origin;
    throw new KeyError(thrown.code, `${name}: ${thrown.message}`, { suggestedFix });
  }
}

function parse(text: string): ApiKey {
  // `trim` also removes a byte order mark.
  const fields = parseFields(text.trim());
  const id = stringField(fields, ID_FIELDS, "key's id");
  const privateKey = parsePrivateKey(stringField(fields, PRIVATE_KEY_FIELDS, "private key"));
  const key = { id, privateKey, algorithm: algorithmOf(privateKey) };
  assertPairMatches(key);
  return key;
}

/**
 * OpenSSL accepts an EC key whose private part was changed if the public part is on the curve. Its signatures are
 * wrong.
 */
function assertPairMatches({ privateKey, algorithm }: ApiKey): void {
  const digest = algorithm === "EdDSA" ? null : "sha256";
  const data = Buffer.from("test");
  if (!verify(digest, data, createPublicKey(privateKey), sign(digest, data, privateKey))) {
    throw invalid("key_unreadable", "The private key is damaged: its private and public parts do not match.");
  }
}

function parseFields(text: string): Record<string, unknown> {
  if (text === "") throw invalid("key_empty", "The key is empty.");
  if (text.startsWith("-----BEGIN")) {
    throw invalid("key_without_id", "The key is only a PEM. The key's id, which is in the JSON key file, is missing.");
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
    // The JSON file may have been pasted as a JSON string.
    if (typeof value === "string") value = JSON.parse(value);
  } catch {
    // The parser's error is not the cause: its message quotes the text.
    if (WRONGLY_DECODED.test(text)) throw wronglyDecoded("The key's text");
    const what = text.startsWith("{") ? "incomplete or damaged JSON" : "not JSON";
    throw invalid("key_not_json", `The key is ${what} (${text.length} characters).`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw invalid("key_not_json", "The key is JSON, but not an object.");
  }
  return value as Record<string, unknown>;
}

function stringField(fields: Record<string, unknown>, names: readonly string[], what: string): string {
  const name = names.find((candidate) => fields[candidate] !== undefined);
  const value = name === undefined ? undefined : fields[name];
  if (typeof value === "string" && WRONGLY_DECODED.test(value)) throw wronglyDecoded(`The key's field "${name}"`);
  if (typeof value === "string" && value.trim() !== "") return value.trim();
  const problem =
    name === undefined
      ? `has no field for the ${what} (${names.join(", ")})`
      : `has a field "${name}" that is empty or not a string`;
  throw invalid("key_field_missing", `The key's JSON ${problem}.`);
}

function parsePrivateKey(text: string): KeyObject {
  return text.includes("-----BEGIN") ? fromPem(text) : fromBase64(text);
}

function fromPem(text: string): KeyObject {
  const block = /-----BEGIN ((?:[A-Z0-9]+ )*PRIVATE KEY)-----([\s\S]*?)-----END \1-----/.exec(
    text.replace(/\\r|\\n/g, "\n"),
  );
  const label = block?.[1];
  const body = block?.[2]?.replace(/\s+/g, "");
  if (label === undefined || body === undefined) {
    throw invalid(
      "key_unreadable",
      "The private key is a PEM without a complete PRIVATE KEY block: it was cut, or it is a public key.",
    );
  }
  if (label.startsWith("ENCRYPTED") || body.startsWith("Proc-Type:4,ENCRYPTED"))
    throw invalid("key_unreadable", "The private key is a PEM that is protected by a password.");
  try {
    const lines = (body.match(/.{1,64}/g) ?? []).join("\n");
    return createPrivateKey(`-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`);
  } catch {
    throw invalid(
      "key_unreadable",
      `The private key is a PEM (${label}) whose content is damaged or of an unknown type.`,
    );
  }
}

function fromBase64(text: string): KeyObject {
  const compact = text.replace(/\s+|\\n|\\r/g, "");
  const bytes = Buffer.from(compact, "base64");
  if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(compact)) {
    throw invalid("key_unreadable", `The private key is neither a PEM nor base64 (${text.length} characters).`);
  }
  if (bytes.length !== 32 && bytes.length !== 64) {
    throw invalid("key_unreadable", `The private key is base64 of ${bytes.length} bytes. An Ed25519 key has 64 or 32.`);
  }
  const key = createPrivateKey({
    key: Buffer.concat([ED25519_PKCS8_HEAD, bytes.subarray(0, 32)]),
    format: "der",
    type: "pkcs8",
  });
  const publicPart = createPublicKey(key).export({ format: "der", type: "spki" }).subarray(-32);
  if (bytes.length === 64 && !publicPart.equals(bytes.subarray(32))) {
    throw invalid(
      "key_unreadable",
      "The private key is base64 of 64 bytes whose private and public parts do not match.",
    );
  }
  return key;
}

function algorithmOf(key: KeyObject): ApiKey["algorithm"] {
  if (key.asymmetricKeyType === "ed25519") return "EdDSA";
  const curve = key.asymmetricKeyDetails?.namedCurve;
  if (curve === "prime256v1") return "ES256";
  const type = [key.asymmetricKeyType, curve].filter(Boolean).join(" ");
  throw invalid("key_unsupported", `The private key has the type ${type}. The API accepts Ed25519 and EC P-256.`);
}

function wronglyDecoded(what: string): KeyError {
  return invalid("key_encoding", `${what} is damaged or in another encoding. Expected UTF-8 or UTF-16.`);
}

function invalid(code: string, message: string): KeyError {
  return new KeyError(code, message, { suggestedFix: SUGGESTED_FIX });
}
