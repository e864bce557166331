import { generateKeyPairSync, randomUUID } from "node:crypto";

/** Generates a CDP API key for the simulated API. `file` is the text of its key file in the CDP portal's format. */
export function generateLocalKey() {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const { d = "", x = "" } = privateKey.export({ format: "jwk" });
  // Ed25519 keys are base64 of the seed and the public key.
  const bytes = Buffer.concat([Buffer.from(d, "base64url"), Buffer.from(x, "base64url")]);
  const id = randomUUID();
  return { id, publicKey, file: JSON.stringify({ id, privateKey: bytes.toString("base64") }, null, 2) };
}
