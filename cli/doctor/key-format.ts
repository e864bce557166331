import type { ApiKey } from "../../core/domain/api-key.ts";

/** The names under which key files have a key's parts, in the order in which `parseApiKey` looks for them. */
const ID_FIELDS = ["id", "name", "apiKeyId", "keyId"];
const KEY_FIELDS = ["privateKey", "secret", "apiKeySecret", "keySecret"];

/**
 * In what form a key was handed over, for a person: `Ed25519 as base64 of 64 bytes, in JSON with id and privateKey`. Holds
 * no part of the key.
 * @param text what `parseApiKey` read the key from
 */
export function keyFormat(text: string, { algorithm }: ApiKey): string {
  const parsed: unknown = JSON.parse(text.trim().replace(/^\uFEFF/, ""));
  const quoted = typeof parsed === "string";
  const fields = (quoted ? JSON.parse(parsed) : parsed) as Record<string, unknown>;
  const nameIn = (names: readonly string[]) => names.find((name) => fields[name] !== undefined) ?? "";
  const keyName = nameIn(KEY_FIELDS);
  const kind = algorithm === "EdDSA" ? "Ed25519" : "EC P-256";
  const json = `JSON${quoted ? " in a JSON string" : ""} with ${nameIn(ID_FIELDS)} and ${keyName}`;
  return `${kind} as ${encoding(String(fields[keyName]).trim())}, in ${json}`;
}

function encoding(key: string): string {
  const label = /-----BEGIN ([A-Z ]+)-----/.exec(key)?.[1];
  if (label === undefined) return `base64 of ${Buffer.from(key.replace(/\s+|\\n|\\r/g, ""), "base64").length} bytes`;
  const pem = label.startsWith("EC ") ? "SEC1 PEM" : "PKCS#8 PEM";
  if (key.includes("\\n")) return `${pem} with \\n in place of line breaks`;
  return key.includes("\n") ? pem : `${pem} on one line`;
}
