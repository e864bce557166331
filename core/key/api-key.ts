import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from "node:crypto";
import type { ApiKey } from "../domain/api-key.ts";
import { KeyError } from "../domain/errors.ts";

/** JSON field names of the key's id in key files; the first one present is used. */
export const ID_FIELDS: readonly string[] = ["id", "name", "apiKeyId", "keyId"];
/** JSON field names of the private key in key files; the first one present is used. */
export const PRIVATE_KEY_FIELDS: readonly string[] = ["privateKey", "secret", "apiKeySecret", "keySecret"];

/** PKCS#8 of an Ed25519 seed but for the seed itself (RFC 8410, section 7). */
const ED25519_PKCS8_HEAD = Buffer.from("302e020100300506032b657004220420", "hex");

const SUGGESTED_FIX = "Use the JSON key file from the CDP portal, unchanged.";

/**
 * The API key in a text: the JSON file as the portal gives it, today's or an older one, or as other tools
 * write it. Ed25519 as base64 of 64 or 32 bytes or PKCS#8 PEM; EC P-256 as PKCS#8 or SEC1 PEM; a PEM with literal `\n`,
 * CRLF, or spaces in place of its line breaks.
 * @throws KeyError that tells which format was seen, and never any part of the key
 */
export function parseApiKey(text: string): ApiKey {
  const fields = parseFields(text.trim().replace(/^\uFEFF/, ""));
  const id = stringField(fields, ID_FIELDS, "key's id");
  const privateKey = parsePrivateKey(stringField(fields, PRIVATE_KEY_FIELDS, "private key"));
  const key = { id, privateKey, algorithm: algorithmOf(privateKey) };
  assertSound(key);
  return key;
}

/** OpenSSL takes an EC key of which a letter was damaged, as long as its public half is on the curve: it signs wrongly. */
function assertSound({ privateKey, algorithm }: ApiKey): void {
  const digest = algorithm === "EdDSA" ? null : "sha256";
  const data = Buffer.from("sound");
  if (!verify(digest, data, createPublicKey(privateKey), sign(digest, data, privateKey))) {
    throw invalid("key_unreadable", "The private key is damaged: its two halves do not belong together.");
  }
}

function parseFields(text: string): Record<string, unknown> {
  if (text === "") throw invalid("key_empty", "The key's text is empty.");
  if (text.startsWith("-----BEGIN")) {
    throw invalid(
      "key_without_id",
      "The key's text is a bare PEM: the key's id, which the JSON key file has, is missing.",
    );
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
    // A JSON file that was pasted as a JSON string.
    if (typeof value === "string") value = JSON.parse(value);
  } catch {
    // No cause: the parser's message quotes the text.
    const seen = text.startsWith("{") ? "JSON that is broken or cut" : "text that is no JSON";
    throw invalid("key_not_json", `The key's text is ${seen} (${text.length} characters).`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw invalid("key_not_json", "The key's text is JSON, but no object.");
  }
  return value as Record<string, unknown>;
}

function stringField(fields: Record<string, unknown>, names: readonly string[], what: string): string {
  const name = names.find((candidate) => fields[candidate] !== undefined);
  const value = name === undefined ? undefined : fields[name];
  if (typeof value === "string" && value.trim() !== "") return value.trim();
  const seen =
    name === undefined
      ? `no field for the ${what} (${names.join(", ")})`
      : `a field "${name}" that is no text or empty`;
  throw invalid("key_field_missing", `The key's text is JSON with ${seen}.`);
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
      "The private key is a PEM without a whole PRIVATE KEY block (cut, or a public key).",
    );
  }
  if (label.startsWith("ENCRYPTED") || body.startsWith("Proc-Type:4,ENCRYPTED"))
    throw invalid("key_unreadable", "The private key is a PEM protected by a password.");
  try {
    const lines = (body.match(/.{1,64}/g) ?? []).join("\n");
    return createPrivateKey(`-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`);
  } catch {
    throw invalid(
      "key_unreadable",
      `The private key is a PEM (${label}) whose content is damaged or of an unknown kind.`,
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
    throw invalid(
      "key_unreadable",
      `The private key is base64 of ${bytes.length} bytes; an Ed25519 key has 64, or 32.`,
    );
  }
  const key = createPrivateKey({
    key: Buffer.concat([ED25519_PKCS8_HEAD, bytes.subarray(0, 32)]),
    format: "der",
    type: "pkcs8",
  });
  const publicHalf = createPublicKey(key).export({ format: "der", type: "spki" }).subarray(-32);
  if (bytes.length === 64 && !publicHalf.equals(bytes.subarray(32))) {
    throw invalid("key_unreadable", "The private key is base64 of 64 bytes whose two halves do not belong together.");
  }
  return key;
}

function algorithmOf(key: KeyObject): ApiKey["algorithm"] {
  if (key.asymmetricKeyType === "ed25519") return "EdDSA";
  const curve = key.asymmetricKeyDetails?.namedCurve;
  if (curve === "prime256v1") return "ES256";
  const seen = [key.asymmetricKeyType, curve].filter(Boolean).join(" ");
  throw invalid("key_unsupported", `The private key is of the kind ${seen}; the API takes Ed25519 and EC P-256.`);
}

function invalid(code: string, what: string): KeyError {
  return new KeyError(code, what, { suggestedFix: SUGGESTED_FIX });
}
