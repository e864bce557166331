import { generateKeyPairSync, type KeyObject, randomUUID } from "node:crypto";
import type { AuthorizedKey } from "../../local/simulated-cdp/server.ts";
import { keepSecret } from "./leak-watch.ts";

/** A key made for a test, with all the texts under which it may be handed over. */
export interface TestKey extends AuthorizedKey {
  readonly privateKey: KeyObject;
  /** The private key's text in each format, by the format's name. */
  readonly formats: Readonly<Record<string, string>>;
  /** The key file: the first of the formats under the portal's names. */
  readonly file: string;
}

/** Ed25519, as base64 of 64 bytes (today's default), of the 32-byte seed, and as PKCS#8 PEM. */
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

/** EC P-256, as SEC1 PEM (what the portal gives) and as PKCS#8 PEM. */
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
    // A PEM's lines each by themselves: a part is a leak too. (Its first line begins alike in every key.)
    const lines = text.split("\n").filter((line) => !line.startsWith("-----") && line.length > 16);
    for (const line of lines) keepSecret(line.slice(-32));
  }
  const id = randomUUID();
  return { id, publicKey, privateKey, formats, file: JSON.stringify({ id, privateKey: Object.values(formats)[0] }) };
}
