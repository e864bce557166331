import { CdpClient, type ClientDependencies } from "./coinbase/client.ts";
import { RateLimiter } from "./coinbase/limiter.ts";
import { Signer } from "./coinbase/signer.ts";
import type { SettingNames } from "./coinbase/suggested-fixes.ts";
import type { JobConfig } from "./config.ts";
import { LIMIT_WINDOW_MS } from "./domain/limits.ts";
import type { Clock } from "./domain/ports.ts";
import { systemClock } from "./system-clock.ts";

/** The settings of a client and of its limiter. */
export type ApiSettings = Pick<JobConfig, "apiBaseUrl" | "maxAttempts" | "readsPerTenSeconds" | "requestTimeoutMs">;

export interface ApiDependencies extends Pick<ClientDependencies, "clock" | "keys" | "onFailure"> {
  /** One for several keys, because the API's limit may be for all of them together. Default: its own. */
  readonly limiter?: RateLimiter | undefined;
  /** How suggested fixes name settings. Default: those of the function. */
  readonly settingNames?: SettingNames | undefined;
}

/** Composes the client of the API from its parts, for the job and for commands that ask the API. */
export function openApiClient(config: ApiSettings, dependencies: ApiDependencies): CdpClient {
  const { clock, limiter = openLimiter(config, clock), settingNames, ...others } = dependencies;
  return new CdpClient(
    { clock, limiter, signer: new Signer(clock), ...others },
    {
      baseUrl: config.apiBaseUrl,
      requestTimeoutMs: config.requestTimeoutMs,
      maxAttempts: config.maxAttempts,
      settingNames,
    },
  );
}

/** Returns a limiter that keeps the API's limit. */
export function openLimiter(
  { readsPerTenSeconds }: Pick<JobConfig, "readsPerTenSeconds">,
  clock: Clock = systemClock,
): RateLimiter {
  return new RateLimiter(readsPerTenSeconds, LIMIT_WINDOW_MS, clock);
}
