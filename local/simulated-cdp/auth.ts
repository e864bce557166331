import { type KeyObject, verify } from "node:crypto";
import { ApiError } from "./response.ts";

/** A key that the simulated API accepts: its id (`kid`, `sub`) and its public key, Ed25519 or EC P-256. */
export interface AuthorizedKey {
  id: string;
  publicKey: KeyObject;
  /** The ids of the accounts that it may see. Default: all accounts. */
  accountIds?: readonly string[];
  /** Whether it has the separate permission to read transfers. Default: true. */
  mayReadTransfers?: boolean;
  /** The maximum number of requests of this key in any 10 s. Default: it shares the server's limit. */
  readsPerTenSeconds?: number;
}

export interface TokenContext {
  /** The bearer token as received; "" if the request has none. */
  token: string;
  keys: readonly AuthorizedKey[];
  /** The signed target: method, a space, host and path, without the query string. */
  target: string;
  /** The server's time in ms. */
  now: number;
}

const CLOCK_TOLERANCE_SECONDS = 5;
/** Source: the API's authentication guide. */
const MAX_LIFETIME_SECONDS = 120;

type Json = Record<string, unknown>;

/** Returns the key that a token names, before anything is verified; `undefined`: none, or an unknown one. */
export function keyNamedBy(token: string, keys: readonly AuthorizedKey[]): AuthorizedKey | undefined {
  try {
    const { kid } = parse("header", token.split(".")[0] ?? "");
    return keys.find(({ id }) => id === kid);
  } catch {
    return undefined;
  }
}

/** @throws ApiError 401 that names the problem, unless the API would accept the token for this request */
export function checkToken({ token, keys, target, now }: TokenContext): void {
  if (token === "") reject("Authentication required.");
  const parts = token.split(".");
  const [header, claims, signature] = parts;
  if (parts.length !== 3 || header === undefined || claims === undefined || signature === undefined) {
    reject(`A JWT has three parts, this one has ${parts.length}.`);
  }
  if (!parts.every((part) => /^[A-Za-z0-9_-]+$/.test(part))) reject("A part of the JWT is not base64url.");

  const key = checkHeader(parse("header", header), keys);
  const ed25519 = key.publicKey.asymmetricKeyType === "ed25519";
  const valid = verify(
    ed25519 ? null : "sha256",
    Buffer.from(`${header}.${claims}`),
    // RFC 7518, 3.4: the signature of an ES256 JWT is R and S concatenated, not DER.
    ed25519 ? key.publicKey : { key: key.publicKey, dsaEncoding: "ieee-p1363" },
    Buffer.from(signature, "base64url"),
  );
  if (!valid) reject("The signature is not that of this key.");
  checkClaims(parse("claims", claims), key.id, target, now / 1000);
}

function checkHeader({ alg, typ, kid, nonce }: Json, keys: readonly AuthorizedKey[]): AuthorizedKey {
  if (typ !== "JWT") reject(`Header typ must be JWT, not ${show(typ)}.`);
  const key = keys.find(({ id }) => id === kid);
  if (key === undefined) reject(`Header kid ${show(kid)} is not a known key.`);
  const expected = key.publicKey.asymmetricKeyType === "ed25519" ? "EdDSA" : "ES256";
  if (alg !== expected) reject(`Header alg must be ${expected} for this key, not ${show(alg)}.`);
  if (typeof nonce !== "string" || !/^[0-9a-f]{32}$/i.test(nonce)) reject("Header nonce must be 32 hex digits.");
  return key;
}

function checkClaims(claims: Json, keyId: string, target: string, seconds: number): void {
  const { iss, sub, uris } = claims;
  if (iss !== "cdp") reject(`Claim iss must be cdp, not ${show(iss)}.`);
  if (sub !== keyId) reject(`Claim sub must be the key's id, not ${show(sub)}.`);

  const [issued, notBefore, expires] = [time(claims, "iat"), time(claims, "nbf"), time(claims, "exp")];
  if (issued > seconds + CLOCK_TOLERANCE_SECONDS) reject("Claim iat is in the future.");
  if (notBefore > seconds + CLOCK_TOLERANCE_SECONDS) reject("Claim nbf is in the future.");
  if (expires <= seconds) reject("Claim exp is in the past.");
  if (expires - notBefore > MAX_LIFETIME_SECONDS) reject(`Claim exp is more than ${MAX_LIFETIME_SECONDS} s after nbf.`);

  if (!Array.isArray(uris)) reject("Claim uris must be an array.");
  // The most common cause of a 401 on page two, so it is reported even if the correct target is signed as well.
  if (uris.some((uri) => typeof uri === "string" && uri.includes("?"))) {
    reject("Claim uris must not have a query string.");
  }
  if (!uris.includes(target)) reject(`Claim uris must contain ${show(target)}, not ${show(uris)}.`);
}

function time(claims: Json, name: string): number {
  const value = claims[name];
  return typeof value === "number" ? value : reject(`Claim ${name} must be a number of seconds, not ${show(value)}.`);
}

function parse(part: string, text: string): Json {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(text, "base64url").toString());
  } catch {
    // Reported below, together with values that are not objects.
  }
  if (typeof value !== "object" || value === null) reject(`The JWT's ${part} is not a JSON object.`);
  return value as Json;
}

function show(value: unknown): string {
  return JSON.stringify(value) ?? "absent";
}

function reject(message: string): never {
  throw new ApiError(401, message);
}
