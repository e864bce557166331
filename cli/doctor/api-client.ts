import { generateKeyPairSync, randomUUID } from "node:crypto";
import { CdpClient, type ClientDependencies } from "../../core/coinbase/client.ts";
import type { RateLimiter } from "../../core/coinbase/limiter.ts";
import { Signer } from "../../core/coinbase/signer.ts";
import type { JobConfig } from "../../core/config.ts";
import type { ApiKey } from "../../core/domain/api-key.ts";
import type { Clock } from "../../core/domain/ports.ts";
import type { ReachableApi } from "./api.ts";

/** What a request to the API needs. */
export interface ApiConnection {
  readonly clock: Clock;
  readonly config: Pick<JobConfig, "requestTimeoutMs">;
  readonly api: ReachableApi;
  readonly key: ApiKey;
  /** The doctor has one, because the API's limit is for all its requests. */
  readonly limiter: RateLimiter;
  /** What to do with a new key, as suggested fixes say it. */
  readonly replaceKey: string;
}

/** A deadline that never passes: requests have their own timeout and are sent once. */
export const NO_DEADLINE = new AbortController().signal;

/** Creates a client that sends each request once, because the doctor reports what fails now. */
export function createClient(
  { key, api, clock, config, limiter, replaceKey }: ApiConnection,
  hooks: Pick<ClientDependencies, "onResponse"> = {},
): CdpClient {
  const keys = { current: async () => key, afterRefusal: async () => undefined };
  return new CdpClient(
    { clock, keys, signer: new Signer(clock), limiter, ...hooks },
    {
      ...{ baseUrl: api.baseUrl, requestTimeoutMs: config.requestTimeoutMs, maxAttempts: 1 },
      settingNames: { baseUrl: api.setting, replaceKey },
    },
  );
}

/** Returns a new key, which the API cannot know. */
export function unknownKey(): ApiKey {
  const { privateKey } = generateKeyPairSync("ed25519");
  return { id: randomUUID(), algorithm: "EdDSA", privateKey };
}
