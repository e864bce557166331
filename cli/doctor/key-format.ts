import type { ApiKey } from "../../core/domain/api-key.ts";
import { ID_FIELDS, PRIVATE_KEY_FIELDS } from "../../core/key/api-key.ts";

/**
 * Describes the format of a key file: `Ed25519 key, base64 of 64 bytes, in the JSON fields id and privateKey`. The
 * description contains no part of the key.
 * @param text the text from which `parseApiKey` read the key
 */
export function describeKeyFormat(text: string, { algorithm }: ApiKey): string {
  const parsed: unknown = JSON.parse(text.trim().replace(/^\uFEFF/, ""));
  const isJsonString = typeof parsed === "string";
  const fields = (isJsonString ? JSON.parse(parsed) : parsed) as Record<string, unknown>;
  const presentField = (names: readonly string[]) => names.find((name) => fields[name] !== undefined) ?? "";
  const keyField = presentField(PRIVATE_KEY_FIELDS);
  const keyType = algorithm === "EdDSA" ? "Ed25519" : "EC P-256";
  const location = `in the JSON fields ${presentField(ID_FIELDS)} and ${keyField}`;
  const nesting = isJsonString ? ", the JSON itself in a JSON string" : "";
  return `${keyType} key, ${describeEncoding(String(fields[keyField]).trim())}, ${location}${nesting}`;
}

function describeEncoding(key: string): string {
  const label = /-----BEGIN ([A-Z ]+)-----/.exec(key)?.[1];
  if (label === undefined) return `base64 of ${Buffer.from(key.replace(/\s+|\\n|\\r/g, ""), "base64").length} bytes`;
  const pem = label.startsWith("EC ") ? "SEC1 PEM" : "PKCS#8 PEM";
  if (key.includes("\\n")) return `${pem} with literal \\n instead of line breaks`;
  return key.includes("\n") ? pem : `${pem} on one line`;
}
