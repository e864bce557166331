import { generateKeyPairSync, type KeyObject, randomUUID } from "node:crypto";

/** A newly generated CDP API key. It works with the simulated API only. */
export interface LocalKey {
  readonly id: string;
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
  /** The text of the key file in the CDP portal's format: Ed25519, base64 of the seed and the public key. */
  readonly file: string;
}

export function generateLocalKey(): LocalKey {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const { d = "", x = "" } = privateKey.export({ format: "jwk" });
  const bytes = Buffer.concat([Buffer.from(d, "base64url"), Buffer.from(x, "base64url")]);
  const id = randomUUID();
  return { id, publicKey, privateKey, file: JSON.stringify({ id, privateKey: bytes.toString("base64") }, null, 2) };
}
