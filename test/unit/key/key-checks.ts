import { type KeyObject, randomBytes, sign, verify } from "node:crypto";
import { inspect } from "node:util";
import type { ApiKey } from "../../../core/domain/api-key.ts";

/** Returns whether the public key accepts a signature of the parsed key. */
export function signs({ privateKey, algorithm }: ApiKey, publicKey: KeyObject): boolean {
  const digest = algorithm === "EdDSA" ? null : "sha256";
  const data = randomBytes(32);
  return verify(digest, data, publicKey, sign(digest, data, privateKey));
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
  return (text.match(/[\w+/=-]{24,}/g) ?? [])
    .flatMap((word) => Array.from({ length: word.length - RUN + 1 }, (_, i) => word.slice(i, i + RUN)))
    .filter((run) => shown.includes(run));
}
