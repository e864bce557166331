import { type ApiDependencies, type ApiSettings, openApiClient } from "./api-client.ts";
import { READER_CLIENT_OPTIONS } from "./aws/client-options.ts";
import { TransferSource } from "./coinbase/transfer-source.ts";
import type { JobConfig } from "./config.ts";
import type { Clock } from "./domain/ports.ts";
import type { KeyOrigin } from "./key/api-key.ts";
import { KeyCache } from "./key/key-cache.ts";
import { systemClock } from "./system-clock.ts";

// For commands that ask the API for transfers. transfer-format.ts is for files of transfers.

export { openLimiter } from "./api-client.ts";
export type { TransferSource } from "./coinbase/transfer-source.ts";
export { originOfSecret } from "./key/put-key-command.ts";

export interface TransferDependencies extends Pick<ApiDependencies, "limiter" | "settingNames"> {
  /** Returns the text that holds the API key. */
  readonly readKey: () => Promise<string>;
  /** How errors name the key. Default: not at all. */
  readonly origin?: KeyOrigin | undefined;
  /** Default: the system clock. */
  readonly clock?: Clock;
}

/** Returns what reads the transfers that one key can see. It asks for nothing yet. */
export function openTransfers(
  config: ApiSettings & Pick<JobConfig, "pageSize">,
  { readKey, origin, clock = systemClock, ...others }: TransferDependencies,
): TransferSource {
  const client = openApiClient(config, { clock, keys: new KeyCache(readKey, clock, origin), ...others });
  return new TransferSource(client, config.pageSize);
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
