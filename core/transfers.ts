import { READER_CLIENT_OPTIONS } from "./aws/client-options.ts";
import { CdpClient } from "./coinbase/client.ts";
import { RateLimiter } from "./coinbase/limiter.ts";
import { Signer } from "./coinbase/signer.ts";
import type { SettingNames } from "./coinbase/suggested-fixes.ts";
import { TransferSource } from "./coinbase/transfer-source.ts";
import type { JobConfig } from "./config.ts";
import { LIMIT_WINDOW_MS } from "./domain/limits.ts";
import type { Clock } from "./domain/ports.ts";
import type { KeyOrigin } from "./key/api-key.ts";
import { KeyCache } from "./key/key-cache.ts";
import { systemClock } from "./system-clock.ts";

// For commands that ask the API for transfers. transfer-format.ts is for files of transfers.

export type { RateLimiter } from "./coinbase/limiter.ts";
export type { TransferSource } from "./coinbase/transfer-source.ts";
export { originOfSecret } from "./key/put-key-command.ts";

export interface TransferDependencies {
  /** Returns the text that holds the API key. */
  readonly readKey: () => Promise<string>;
  /** How errors name the key. Default: not at all. */
  readonly origin?: KeyOrigin | undefined;
  /** One for several keys, because the API's limit may be for all of them together. Default: its own. */
  readonly limiter?: RateLimiter | undefined;
  /** How suggested fixes name settings. Default: those of the function. */
  readonly settingNames?: SettingNames | undefined;
  /** Default: the system clock. */
  readonly clock?: Clock;
}

/** Opens what one key can read of the transfers. */
export function openTransfers(
  config: Pick<JobConfig, "apiBaseUrl" | "maxAttempts" | "pageSize" | "readsPerTenSeconds" | "requestTimeoutMs">,
  dependencies: TransferDependencies,
): TransferSource {
  const { readKey, origin, settingNames, clock = systemClock } = dependencies;
  const { limiter = openLimiter(config, clock) } = dependencies;
  const client = new CdpClient(
    { clock, keys: new KeyCache(readKey, clock, origin), signer: new Signer(clock), limiter },
    {
      baseUrl: config.apiBaseUrl,
      requestTimeoutMs: config.requestTimeoutMs,
      maxAttempts: config.maxAttempts,
      settingNames,
    },
  );
  return new TransferSource(client, config.pageSize);
}

/** Returns a limiter that keeps the API's limit. */
export function openLimiter({ readsPerTenSeconds }: Pick<JobConfig, "readsPerTenSeconds">, clock = systemClock) {
  return new RateLimiter(readsPerTenSeconds, LIMIT_WINDOW_MS, clock);
}

/** Returns the text of a secret that holds an API key. @param secretId name or ARN @throws KeyError */
export async function keyTextOfSecret(secretId: string): Promise<string> {
  // Loaded only if a secret is read.
  const [{ SecretsManagerClient }, { readSecret }] = await Promise.all([
    import("@aws-sdk/client-secrets-manager"),
    import("./key/secrets-manager.ts"),
  ]);
  return readSecret(new SecretsManagerClient(READER_CLIENT_OPTIONS), secretId);
}
