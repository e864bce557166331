import { type KeyObject, randomBytes, sign, verify } from "node:crypto";
import { inspect } from "node:util";
import type { ApiKey } from "../../../core/domain/api-key.ts";
import { KeyError } from "../../../core/domain/errors.ts";
import { ID_FIELDS, PRIVATE_KEY_FIELDS, parseApiKey } from "../../../core/key/api-key.ts";
import { makeEcKey, makeEd25519Key, type TestKey } from "../../support/keys.ts";
import { sawOutput } from "../../support/leak-watch.ts";

export const ed = makeEd25519Key();
export const ec = makeEcKey();

export const KEYS: [TestKey, ApiKey["algorithm"]][] = [
  [ed, "EdDSA"],
  [ec, "ES256"],
];

/** Files of both keys: every format with every pair of field names. */
export const files = KEYS.flatMap(([key]) => Object.values(key.formats).flatMap((text) => filesOf(key.id, text)));

/** Returns files of a key with every pair of field names. */
export function filesOf(id: string, privateKey: string): string[] {
  return ID_FIELDS.flatMap((idField) =>
    PRIVATE_KEY_FIELDS.map((keyField) => JSON.stringify({ [idField]: id, [keyField]: privateKey })),
  );
}

/** Returns whether the public key accepts a signature of the parsed key. */
export function signs({ privateKey, algorithm }: ApiKey, publicKey: KeyObject): boolean {
  const digest = algorithm === "EdDSA" ? null : "sha256";
  const data = randomBytes(32);
  return verify(digest, data, publicKey, sign(digest, data, privateKey));
}

/** Returns the error for a key. The leak watch sees it. */
export function errorOf(text: string): KeyError {
  try {
    parseApiKey(text);
  } catch (thrown) {
    sawOutput(thrown);
    if (thrown instanceof KeyError) return thrown;
    throw thrown;
  }
  throw new Error("expected a KeyError");
}

/** This many consecutive characters of a key are a leak. */
export const RUN = 12;

/** Returns the parts of a text's key material that an error shows anywhere. */
export function leaksOf(error: unknown, text: string): string[] {
  const shown = [
    inspect(error, { depth: 12, showHidden: true, maxStringLength: null }),
    error instanceof Error ? `${error.message}\n${error.stack}\n${inspect(error.cause)}` : String(error),
    JSON.stringify(error),
  ].join("\n");
  // Key material is longer than any word: each line of a PEM, or all of a base64 text.
  return (text.match(/[\w+/-]{24,}/g) ?? [])
    .flatMap((word) => Array.from({ length: word.length - RUN + 1 }, (_, i) => word.slice(i, i + RUN)))
    .filter((run) => shown.includes(run));
}
