import { generateKeyPairSync, type KeyObject, randomUUID } from "node:crypto";

/** A CDP API key that was made a moment ago and is good for the simulated API alone. */
export interface LocalKey {
  readonly id: string;
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
  /** The key file, as today's portal would hand it over: Ed25519, base64 of the seed and the public key. */
  readonly file: string;
}

export function makeLocalKey(): LocalKey {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const { d = "", x = "" } = privateKey.export({ format: "jwk" });
  const bytes = Buffer.concat([Buffer.from(d, "base64url"), Buffer.from(x, "base64url")]);
  const id = randomUUID();
  return { id, publicKey, privateKey, file: JSON.stringify({ id, privateKey: bytes.toString("base64") }, null, 2) };
}
