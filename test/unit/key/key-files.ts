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

/** The files of both keys: every format under every pair of names. */
export const files = KEYS.flatMap(([key]) => Object.values(key.formats).flatMap((text) => filesOf(key.id, text)));

/** The files of a key under every pair of names. */
export function filesOf(id: string, privateKey: string): string[] {
  return ID_FIELDS.flatMap((idField) =>
    PRIVATE_KEY_FIELDS.map((keyField) => JSON.stringify({ [idField]: id, [keyField]: privateKey })),
  );
}

/** Whether what the parsed key signs is what the key's public half takes. */
export function signs({ privateKey, algorithm }: ApiKey, publicKey: KeyObject): boolean {
  const digest = algorithm === "EdDSA" ? null : "sha256";
  const data = randomBytes(32);
  return verify(digest, data, publicKey, sign(digest, data, privateKey));
}

/** The error, which the leak watch sees. */
export function errorOf(text: string): KeyError {
  try {
    parseApiKey(text);
  } catch (thrown) {
    sawOutput(thrown);
    if (thrown instanceof KeyError) return thrown;
    throw thrown;
  }
  throw new Error("it was expected to be refused, and was not");
}

/** How many characters of a key in a row are a leak. */
export const RUN = 12;

/** The runs of a text's key material that an error shows in any way. */
export function leaksOf(error: unknown, text: string): string[] {
  const shown = [
    inspect(error, { depth: 12, showHidden: true, maxStringLength: null }),
    error instanceof Error ? `${error.message}\n${error.stack}\n${inspect(error.cause)}` : String(error),
    JSON.stringify(error),
  ].join("\n");
  // Key material is what is as long as no word: of a PEM each line, of base64 all of it.
  return (text.match(/[\w+/-]{24,}/g) ?? [])
    .flatMap((word) => Array.from({ length: word.length - RUN + 1 }, (_, i) => word.slice(i, i + RUN)))
    .filter((run) => shown.includes(run));
}
