import { generateKeyPairSync, type KeyObject, randomUUID } from "node:crypto";
import type { AuthorizedKey } from "../../local/simulated-cdp/server.ts";
import { keepSecret } from "./leak-watch.ts";

/** A key generated for a test, in all formats in which users may provide it. */
export interface TestKey extends AuthorizedKey {
  readonly privateKey: KeyObject;
  /** The private key's text by the name of its format. */
  readonly formats: Readonly<Record<string, string>>;
  /** The text of the key file in the CDP portal's format, with the first of the formats. */
  readonly file: string;
}

/** Generates an Ed25519 key: base64 of 64 bytes (the portal's default), base64 of the 32-byte seed, and PKCS#8 PEM. */
export function makeEd25519Key(): TestKey {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const { d = "", x = "" } = privateKey.export({ format: "jwk" });
  const [seed, point] = [Buffer.from(d, "base64url"), Buffer.from(x, "base64url")];
  return describe(publicKey, privateKey, [d, seed.toString("hex")], {
    "base64 of 64 bytes": Buffer.concat([seed, point]).toString("base64"),
    "base64 of the seed": seed.toString("base64"),
    "PKCS#8 PEM": privateKey.export({ format: "pem", type: "pkcs8" }) as string,
  });
}

/** Generates an EC P-256 key: SEC1 PEM (the portal's format) and PKCS#8 PEM. */
export function makeEcKey(): TestKey {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const { d = "" } = privateKey.export({ format: "jwk" });
  return describe(publicKey, privateKey, [d, Buffer.from(d, "base64url").toString("hex")], {
    "SEC1 PEM": privateKey.export({ format: "pem", type: "sec1" }) as string,
    "PKCS#8 PEM": privateKey.export({ format: "pem", type: "pkcs8" }) as string,
  });
}

function describe(
  publicKey: KeyObject,
  privateKey: KeyObject,
  secrets: readonly string[],
  formats: Record<string, string>,
): TestKey {
  for (const secret of secrets) keepSecret(secret);
  for (const text of Object.values(formats)) {
    // Each line of a PEM is a secret, because a part of a key is a leak, too. Only the end of a line: the first line of
    // every key begins with the same characters.
    const lines = text.split("\n").filter((line) => !line.startsWith("-----") && line.length > 16);
    for (const line of lines) keepSecret(line.slice(-32));
  }
  const id = randomUUID();
  return { id, publicKey, privateKey, formats, file: JSON.stringify({ id, privateKey: Object.values(formats)[0] }) };
}
