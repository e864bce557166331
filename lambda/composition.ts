import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { AWS_CALLS, READING_CALLS } from "./aws-calls.ts";
import { systemClock } from "./clock.ts";
import { CdpClient } from "./coinbase/client.ts";
import { RateLimiter } from "./coinbase/limiter.ts";
import { Signer } from "./coinbase/signer.ts";
import { CdpSource } from "./coinbase/source.ts";
import { type Config, type Environment, readConfig } from "./config.ts";
import { DeadlineError, toJobError } from "./domain/errors.ts";
import type { Clock, Telemetry } from "./domain/ports.ts";
import type { Report } from "./domain/report.ts";
import { parseEvent } from "./event.ts";
import { KeyCache } from "./secret/key-cache.ts";
import { readSecret } from "./secret/secrets-manager.ts";
import { takeSnapshots } from "./snapshot/take-snapshots.ts";
import { ChainReader } from "./store/chain-reader.ts";
import { HistoryReader } from "./store/history-reader.ts";
import { TableStore } from "./store/store.ts";
import { powertoolsTelemetry } from "./telemetry.ts";

/** The API's limit is on reads "in any rolling 10 seconds". Source: the API's rate limits page. */
const LIMIT_WINDOW_MS = 10_000;

/** The job, ready to run. */
export interface Job {
  /**
   * One run for an invocation's event.
   * @param remainingMs how long the run may last, its reserve included; `undefined`: as long as it takes
   * @returns the report, in which failed accounts are told
   * @throws JobError where the event is wrong or there is not even a list of accounts
   */
  run(event: unknown, remainingMs?: number): Promise<Report>;
}

/** What can be had from elsewhere than in the function. */
export interface Replacements {
  readonly clock?: Clock;
  readonly telemetry?: Telemetry;
}

/** The job as it runs in the function. @throws InputError `config_invalid` */
export function composeFunction(env: Environment): Job {
  const config = readConfig(env);
  const secrets = new SecretsManagerClient(AWS_CALLS);
  return composeJob(config, () => readSecret(secrets, config.apiKeySecretId ?? ""));
}

/**
 * The job for a configuration.
 * @param readKey the text that holds the API key
 */
export function composeJob(config: Config, readKey: () => Promise<string>, replacements: Replacements = {}): Job {
  const { clock = systemClock, telemetry = powertoolsTelemetry() } = replacements;
  const client = new CdpClient(
    {
      clock,
      keys: new KeyCache(readKey, clock),
      signer: new Signer(clock),
      limiter: new RateLimiter(config.readsPerTenSeconds, LIMIT_WINDOW_MS, clock),
      onFailure: (error) => telemetry.apiFailed?.(error),
    },
    { baseUrl: config.apiBaseUrl, requestTimeoutMs: config.requestTimeoutMs, maxAttempts: config.maxAttempts },
  );
  const parts = {
    clock,
    telemetry,
    source: new CdpSource(client, {
      pageSize: config.pageSize,
      maxPages: config.maxPages,
      owner: config.accountsOwner,
      type: config.accountsType,
    }),
    store: new TableStore(tableClient(AWS_CALLS), config.tableName, config.retentionDays),
  };
  return {
    run: async (event, remainingMs) => {
      const order = parseEvent(event, config.accounts, clock.now());
      const deadline = startDeadline(remainingMs, config.reserveMs);
      try {
        return await takeSnapshots({ parts, settings: config, order, deadline: deadline.signal });
      } catch (thrown) {
        telemetry.runAborted?.(order.slot, toJobError(thrown), order.dryRun);
        throw thrown;
      } finally {
        deadline.stop();
      }
    },
  };
}

export type { HistoryReader } from "./store/history-reader.ts";

/** The history in a table. */
export function composeReader(tableName: string): HistoryReader {
  return new HistoryReader(tableClient(READING_CALLS), tableName);
}

export type { ChainReader } from "./store/chain-reader.ts";

/** The chains in a table, and what they vouch for. */
export function composeChainReader(tableName: string): ChainReader {
  return new ChainReader(tableClient(READING_CALLS), tableName);
}

/** By itself the SDK copies every request and answer for a log, whether anyone keeps one or not. */
function tableClient(calls: typeof AWS_CALLS): DynamoDBClient {
  const client = new DynamoDBClient(calls);
  client.middlewareStack.remove("loggerMiddleware");
  return client;
}

function startDeadline(remainingMs: number | undefined, reserveMs: number): { signal: AbortSignal; stop: () => void } {
  const controller = new AbortController();
  if (remainingMs === undefined) return { signal: controller.signal, stop: () => {} };
  const expire = () =>
    controller.abort(
      new DeadlineError(
        "deadline_exceeded",
        `The function's time was nearly over: ${Math.round(reserveMs / 1000)} s of it are kept to record what is ` +
          "unfinished. A retry does just that; if it happens again, raise the function's timeout or accountsAtOnce.",
      ),
    );
  const timer = setTimeout(expire, Math.max(0, remainingMs - reserveMs));
  return { signal: controller.signal, stop: () => clearTimeout(timer) };
}
