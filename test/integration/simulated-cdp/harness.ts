import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import {
  type SimulatedAccount,
  type SimulatedCdp,
  type SimulatedCdpOptions,
  startSimulatedCdp,
  type WireBalance,
  type WireTransfer,
} from "../../../local/simulated-cdp/server.ts";
import { account, BALANCES } from "../../unit/coinbase/harness.ts";

// Shared by the tests of this folder: a simulated API with a fixed clock, and a client that signs its tokens without jose.

export const NOW = Date.UTC(2026, 10, 23, 10);
export const SECONDS = NOW / 1000;
export const OTHER_ID = "account_00000000-9846-4fe7-bfe9-ccc22d935114";

const ed = generateKeyPairSync("ed25519");
const ec = generateKeyPairSync("ec", { namedCurve: "P-256" });
export const keys = [
  { id: "ed-key", publicKey: ed.publicKey },
  { id: "ec-key", publicKey: ec.publicKey },
];

let cdp: SimulatedCdp | undefined;

/** Closes the server; for `afterEach`. */
export async function close(): Promise<void> {
  await cdp?.close();
  cdp = undefined;
}

/** Starts the API with one account of 45 assets. */
export async function start(options: Partial<SimulatedCdpOptions> = {}): Promise<SimulatedCdp> {
  cdp = await startSimulatedCdp({ accounts: () => [account(45)], keys: () => keys, now: () => NOW, ...options });
  return cdp;
}

/** Changes to a correct token. */
export interface Jwt {
  header?: Record<string, unknown>;
  claims?: Record<string, unknown>;
  key?: KeyObject;
}

/** Signs a token for a path. An undefined value in `header` or `claims` removes the field. */
export function jwt(url: string, path: string, { header = {}, claims = {}, key = ed.privateKey }: Jwt = {}): string {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const base = new URL(url);
  const uris = [`GET ${base.host}${base.pathname}${path.split("?")[0]}`];
  const times = { iat: SECONDS, nbf: SECONDS, exp: SECONDS + 120 };
  const correct = { alg: "EdDSA", typ: "JWT", kid: "ed-key", nonce: "0123456789abcdef0123456789abcdef" };
  const signed = [
    encode({ ...correct, ...header }),
    encode({ iss: "cdp", sub: "ed-key", ...times, uris, ...claims }),
  ].join(".");
  const eddsa = key.asymmetricKeyType === "ed25519";
  const signature = sign(eddsa ? null : "sha256", Buffer.from(signed), { key, dsaEncoding: "ieee-p1363" });
  return `${signed}.${signature.toString("base64url")}`;
}

interface Page {
  balances: WireBalance[];
  accounts: SimulatedAccount[];
  transfers: WireTransfer[];
  nextPageToken?: string;
  errorType: string;
  errorMessage: string;
}

/** Sends a GET request with a correct token, or the given one. */
export async function get(path: string, token?: string): Promise<{ response: Response; body: Page }> {
  const { url } = cdp as SimulatedCdp;
  const response = await fetch(url + path, { headers: { authorization: `Bearer ${token ?? jwt(url, path)}` } });
  return { response, body: (await response.json()) as Page };
}

export const symbols = (body: Page) => body.balances.map(({ asset }) => asset.symbol);

/** Fetches the account's first page of balances; does not follow redirects. */
export function fetchBalances(url: string): Promise<Response> {
  const headers = { authorization: `Bearer ${jwt(url, BALANCES)}` };
  return fetch(url + BALANCES, { headers, redirect: "manual" });
}
