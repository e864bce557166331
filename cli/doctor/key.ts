import type { ApiKey } from "../../core/domain/api-key.ts";
import { KEY_NOT_STORED, KeyError } from "../../core/domain/errors.ts";
import { ID_FIELDS, PRIVATE_KEY_FIELDS, parseApiKey } from "../../core/key/api-key.ts";
import { putKeyCommand } from "../../core/key/put-key-command.ts";
import { keyFileOption } from "../shared/key-file.ts";
import { AWS_CLIENT_OPTIONS, awsFailure } from "./aws.ts";
import type { CheckResult, CheckResults, Prerequisite } from "./check-result.ts";
import { failed, missingAfterFailed, passed } from "./check-result.ts";

/** Where the key comes from: a file that was read already, or a secret. */
export type KeyOrigin =
  | { readonly file: string; readonly text: string; readonly secret?: undefined }
  | {
      readonly secret: string;
      /** The stack's command that stores a key file in the secret. */
      readonly putCommand?: string | undefined;
    };

/** Reads the key as the function does and reports the format of its file. */
export async function* checkKey(origin: KeyOrigin): CheckResults<Prerequisite<ApiKey>> {
  const source = origin.secret === undefined ? keyFileOption(origin.file) : `the secret ${origin.secret}`;
  try {
    const text = origin.secret === undefined ? origin.text : await readSecretText(origin.secret);
    const key = parseApiKey(text);
    const format = describeKeyFormat(text, key);
    yield passed("key", `${format}; algorithm ${key.algorithm}; id ${key.id}; read from ${source}`);
    return { value: key };
  } catch (thrown) {
    yield explainFailure(source, thrown, origin);
    return missingAfterFailed("key");
  }
}

function explainFailure(source: string, thrown: unknown, origin: KeyOrigin): CheckResult {
  const replaceKey =
    origin.secret === undefined
      ? "Download the key's JSON file from the CDP portal, or create a new key there."
      : `Store the key's JSON file from the CDP portal, unchanged: ${origin.putCommand ?? putKeyCommand(origin.secret)}`;
  if (thrown instanceof KeyError && thrown.code === KEY_NOT_STORED) {
    return failed("key", `${source} has no value yet`, replaceKey);
  }
  if (thrown instanceof KeyError && thrown.cause === undefined) {
    return failed("key", `${source}: ${thrown.message}`, replaceKey);
  }
  const cause = thrown instanceof KeyError ? thrown.cause : thrown;
  const failure = awsFailure(cause, "secretsmanager:GetSecretValue", source);
  if (failure.notFound) return failed("key", `${source} does not exist`, failure.suggestedFix);
  const alternative = "Or check the key's file with --key-file. The function is not affected: it has its own role.";
  const fix = failure.denied ? `${failure.suggestedFix} ${alternative}` : failure.suggestedFix;
  return failed("key", `${source}: ${failure.message}`, fix);
}

async function readSecretText(secretId: string): Promise<string> {
  // Loaded only if a secret is checked.
  const [{ SecretsManagerClient }, { readSecret }] = await Promise.all([
    import("@aws-sdk/client-secrets-manager"),
    import("../../core/key/secrets-manager.ts"),
  ]);
  return readSecret(new SecretsManagerClient(AWS_CLIENT_OPTIONS), secretId);
}

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
