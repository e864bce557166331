import { generateKeyPairSync, sign } from "node:crypto";

/** A certificate that nobody but itself vouches for, for `localhost`, made a moment ago. Node can read one, not make one. */
export function selfSigned(): { readonly cert: string; readonly key: string } {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const algorithm = sequence(ED25519);
  const name = sequence(der(0x31, sequence(COMMON_NAME, der(0x0c, Buffer.from("localhost")))));
  const day = (offset: number) => der(0x18, Buffer.from(timeOf(Date.now() + offset * 86_400_000)));
  const body = sequence(
    der(0x02, Buffer.from([1])),
    algorithm,
    name,
    sequence(day(-1), day(1)),
    name,
    publicKey.export({ type: "spki", format: "der" }),
  );
  const certificate = sequence(body, algorithm, der(0x03, Buffer.concat([Buffer.of(0), sign(null, body, privateKey)])));
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${certificate.toString("base64")}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: "pkcs8", format: "pem" }) as string,
  };
}

// Object identifiers: RFC 8410 and RFC 5280.
const ED25519 = Buffer.from([0x06, 0x03, 0x2b, 0x65, 0x70]);
const COMMON_NAME = Buffer.from([0x06, 0x03, 0x55, 0x04, 0x03]);

const sequence = (...parts: Buffer[]) => der(0x30, Buffer.concat(parts));

/** A value in DER. No value here is of 64 KB or more. */
function der(tag: number, value: Buffer): Buffer {
  const { length } = value;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), value]);
}

/** A GeneralizedTime: 20261123100000Z. */
function timeOf(ms: number): string {
  return new Date(ms).toISOString().replace(/[-:T]|\.\d+/g, "");
}
