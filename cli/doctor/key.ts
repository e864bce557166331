import type { ApiKey } from "../../core/domain/api-key.ts";
import { KeyError } from "../../core/domain/errors.ts";
import { parseApiKey } from "../../core/key/api-key.ts";
import { awsFailure, DOCTOR_CALLS } from "./aws.ts";
import { after, type CheckResult, type CheckResults, failed, ok, type Prerequisite, skipped } from "./check-result.ts";
import { keyFormat } from "./key-format.ts";

/** Where the key is from. */
export type KeyOrigin =
  | { readonly file: string; readonly text: string; readonly secret?: undefined }
  | {
      readonly secret: string /** The command that puts a key file into it. */;
      readonly putCommand?: string | undefined;
    };

/** Reads the key as the function does, and says which of the many forms of a key file it is. */
export async function* checkKey(origin: Prerequisite<KeyOrigin>): CheckResults<Prerequisite<ApiKey>> {
  if (origin.missing !== undefined) {
    yield* skipped(["key"], origin.missing);
    return origin;
  }
  const { value } = origin;
  const where = value.secret === undefined ? value.file : `the secret ${value.secret}`;
  try {
    const text = value.secret === undefined ? value.text : await readSecretText(value.secret);
    const key = parseApiKey(text);
    yield ok("key", `${keyFormat(text, key)}; signs ${key.algorithm}; id ${key.id}; from ${where}`);
    return { value: key };
  } catch (thrown) {
    yield notUsable(where, thrown, value);
    return after("key");
  }
}

function notUsable(where: string, thrown: unknown, origin: KeyOrigin): CheckResult {
  const remedy =
    origin.secret === undefined
      ? "Download the key's JSON file from the CDP portal, or make a new key there."
      : `Put the key's JSON file of the CDP portal in, as it is: ${origin.putCommand ?? putCommand(origin.secret)}`;
  if (thrown instanceof KeyError && thrown.cause === undefined) {
    return failed("key", `${where}: ${thrown.message.replace(/ Give the JSON key file.*$/, "")}`, remedy);
  }
  const trouble = awsFailure(thrown instanceof KeyError ? thrown.cause : thrown, "secretsmanager:GetSecretValue");
  if (trouble.gone) return failed("key", `${where} does not exist, or has no value yet`, remedy);
  // Who looks is not who runs.
  const mine = `${trouble.remedy} Or give the key's file, --key-file. The function reads the secret by its own role.`;
  return failed("key", `${where}: ${trouble.found}`, trouble.denied ? mine : trouble.remedy);
}

function putCommand(secret: string): string {
  return `aws secretsmanager put-secret-value --secret-id ${secret} --secret-string file://cdp_api_key.json`;
}

async function readSecretText(secretId: string): Promise<string> {
  // Loaded only where a secret is asked for.
  const [{ SecretsManagerClient }, { readSecret }] = await Promise.all([
    import("@aws-sdk/client-secrets-manager"),
    import("../../core/key/secrets-manager.ts"),
  ]);
  return readSecret(new SecretsManagerClient(DOCTOR_CALLS), secretId);
}
