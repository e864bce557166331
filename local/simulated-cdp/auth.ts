import { type KeyObject, verify } from "node:crypto";
import { ApiError } from "./response.ts";

/** A key that the simulated API knows: its id (`kid`, `sub`) and its public half, Ed25519 or EC P-256. */
export interface AuthorizedKey {
  id: string;
  publicKey: KeyObject;
}

/** What a token is judged against. */
export interface TokenContext {
  /** The bearer token as received, "" if there was none. */
  token: string;
  keys: readonly AuthorizedKey[];
  /** What must be signed: method, a space, host and path, without the query string. */
  target: string;
  /** The server's clock, in ms. */
  now: number;
}

const TOLERANCE_SECONDS = 5;
/** A token lives 120 s at most, by the API's authentication guide. */
const LONGEST_LIFE_SECONDS = 120;

type Json = Record<string, unknown>;

/** Throws a 401 that says what was wrong, unless the token is one that the API would accept for this request. */
export function checkToken({ token, keys, target, now }: TokenContext): void {
  if (token === "") refuse("Authentication required.");
  const parts = token.split(".");
  const [header, claims, signature] = parts;
  if (parts.length !== 3 || header === undefined || claims === undefined || signature === undefined) {
    refuse(`A JWT has three parts, this one has ${parts.length}.`);
  }
  if (!parts.every((part) => /^[A-Za-z0-9_-]+$/.test(part))) refuse("A part of the JWT is not base64url.");

  const key = checkHeader(parse("header", header), keys);
  const ed25519 = key.publicKey.asymmetricKeyType === "ed25519";
  const genuine = verify(
    ed25519 ? null : "sha256",
    Buffer.from(`${header}.${claims}`),
    // RFC 7518, 3.4: the signature of an ES256 JWT is R and S side by side, not DER.
    ed25519 ? key.publicKey : { key: key.publicKey, dsaEncoding: "ieee-p1363" },
    Buffer.from(signature, "base64url"),
  );
  if (!genuine) refuse("The signature is not that of this key.");
  checkClaims(parse("claims", claims), key.id, target, now / 1000);
}

function checkHeader({ alg, typ, kid, nonce }: Json, keys: readonly AuthorizedKey[]): AuthorizedKey {
  if (typ !== "JWT") refuse(`Header typ must be JWT, not ${show(typ)}.`);
  const key = keys.find(({ id }) => id === kid);
  if (key === undefined) refuse(`Header kid ${show(kid)} is not a known key.`);
  const expected = key.publicKey.asymmetricKeyType === "ed25519" ? "EdDSA" : "ES256";
  if (alg !== expected) refuse(`Header alg must be ${expected} for this key, not ${show(alg)}.`);
  if (typeof nonce !== "string" || !/^[0-9a-f]{32}$/i.test(nonce)) refuse("Header nonce must be 32 hex digits.");
  return key;
}

function checkClaims(claims: Json, keyId: string, target: string, seconds: number): void {
  const { iss, sub, uris } = claims;
  if (iss !== "cdp") refuse(`Claim iss must be cdp, not ${show(iss)}.`);
  if (sub !== keyId) refuse(`Claim sub must be the key's id, not ${show(sub)}.`);

  const [issued, notBefore, expires] = [time(claims, "iat"), time(claims, "nbf"), time(claims, "exp")];
  if (issued > seconds + TOLERANCE_SECONDS) refuse("Claim iat is in the future.");
  if (notBefore > seconds + TOLERANCE_SECONDS) refuse("Claim nbf is in the future.");
  if (expires <= seconds) refuse("Claim exp is in the past.");
  if (expires - notBefore > LONGEST_LIFE_SECONDS) refuse(`Claim exp is more than ${LONGEST_LIFE_SECONDS} s after nbf.`);

  if (!Array.isArray(uris)) refuse("Claim uris must be an array.");
  // The classic cause of a 401 on page two: name it, even if the right target is signed beside it.
  if (uris.some((uri) => typeof uri === "string" && uri.includes("?"))) {
    refuse("Claim uris must not have a query string.");
  }
  if (!uris.includes(target)) refuse(`Claim uris must contain ${show(target)}, not ${show(uris)}.`);
}

function time(claims: Json, name: string): number {
  const value = claims[name];
  return typeof value === "number" ? value : refuse(`Claim ${name} must be a number of seconds, not ${show(value)}.`);
}

function parse(part: string, text: string): Json {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(text, "base64url").toString());
  } catch {
    // Told below, with whatever else is no object.
  }
  if (typeof value !== "object" || value === null) refuse(`The JWT's ${part} is not a JSON object.`);
  return value as Json;
}

function show(value: unknown): string {
  return JSON.stringify(value) ?? "absent";
}

function refuse(message: string): never {
  throw new ApiError(401, message);
}
