import type { IncomingMessage, ServerResponse } from "node:http";
import { DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import { readConfig } from "../../core/config.ts";
import type { Clock, SlotRecord, Telemetry } from "../../core/domain/ports.ts";
import type { RunResult } from "../../core/domain/run-result.ts";
import { composeJob } from "../../core/job.ts";
import { ENV } from "../../core/names/environment.ts";
import { type HistoryReader, openHistory } from "../../core/readers.ts";
import { systemClock } from "../../core/system-clock.ts";
import { TableStore } from "../../core/table/snapshot-store.ts";
import { Table } from "../../core/table/table.ts";
import { parseEvent } from "../../lambda/snapshot/event.ts";
import { embeddedEnvironment, LOCAL_TABLE, startEmbeddedDynamo } from "../../local/dynamodb/embedded-dynamodb.ts";
import { type SimulatedAccount, type SimulatedCdp, startSimulatedCdp } from "../../local/simulated-cdp/server.ts";
import { makeEd25519Key, type TestKey } from "./keys.ts";
import { sawOutput } from "./leak-watch.ts";

/** A step of a request: it was received, or it was handled and its response is not sent yet. */
export type Step = { readonly at: "api" | "table" | "secrets"; readonly phase: "received" | "handled" };

export interface ServersOptions {
  readonly accounts: () => readonly SimulatedAccount[];
  readonly key?: TestKey;
  /** Awaited at each step of each request to the API and to the table. */
  readonly onStep?: (step: Step) => void | Promise<void>;
  readonly readsPerTenSeconds?: number;
  /** The clock of the API and the job. Default: the system clock. */
  readonly clock?: Clock;
}

/** A simulated API and a table. */
export interface Servers {
  readonly cdp: SimulatedCdp;
  readonly key: TestKey;
  readonly clock: Clock;
  /** Variables for the table, and the API's base URL. */
  readonly env: Readonly<Record<string, string>>;
  readonly reader: HistoryReader;
  /** Returns the record of a slot. */
  findRecord(accountId: string, slot: string): Promise<SlotRecord | undefined>;
  /** Returns every item of the table. */
  items(): Promise<Record<string, unknown>[]>;
  /** Returns the number of requests for pages of balances. */
  pagesRead(): number;
  close(): Promise<void>;
}

/** Starts an API and an empty table for one test. Everything written to the table is searched for secrets. */
export async function startServers(options: ServersOptions): Promise<Servers> {
  const { accounts, key = makeEd25519Key(), onStep, readsPerTenSeconds, clock = systemClock } = options;
  const cdp = await startSimulatedCdp({
    accounts,
    keys: () => [key],
    now: () => clock.now(),
    ...(readsPerTenSeconds !== undefined && { readsPerTenSeconds }),
    ...(onStep && { onRequest: ({ phase }) => (phase === "answered" ? undefined : onStep({ at: "api", phase })) }),
  });
  const dynamo = await startEmbeddedDynamo();
  dynamo.server.prependListener("request", (request) => request.on("data", sawOutput));
  if (onStep) interceptRequests(dynamo.server, onStep);
  const env = { ...embeddedEnvironment(dynamo), [ENV.apiBaseUrl]: cdp.url, [ENV.tableName]: LOCAL_TABLE };
  Object.assign(process.env, embeddedEnvironment(dynamo));
  return {
    cdp,
    key,
    clock,
    env,
    reader: openHistory(LOCAL_TABLE),
    findRecord: async (accountId, slot) =>
      (await new TableStore(new Table(new DynamoDBClient({}), LOCAL_TABLE)).readSlot(accountId, slot)).current,
    items: async () => {
      const { Items = [] } = await new DynamoDBClient({}).send(new ScanCommand({ TableName: LOCAL_TABLE }));
      return Items;
    },
    pagesRead: () => cdp.requests.filter(({ path }) => path.endsWith("/balances")).length,
    close: async () => {
      await Promise.all([cdp.close(), dynamo.close()]);
    },
  };
}

/** Awaits the hook when a request is received, and again before its response is sent. */
function interceptRequests(
  server: { listeners(event: "request"): unknown[]; removeAllListeners(event: "request"): unknown; on: Listen },
  onStep: (step: Step) => void | Promise<void>,
): void {
  const originals = server.listeners("request") as RequestListener[];
  server.removeAllListeners("request");
  server.on("request", (request, response) => {
    const end = response.end.bind(response) as (...args: unknown[]) => ServerResponse;
    response.end = ((...args: unknown[]) => {
      void step("handled").then(() => end(...args));
      return response;
    }) as ServerResponse["end"];
    void step("received").then(() => {
      for (const original of originals) original.call(server, request, response);
    });
  });
  const step = async (phase: Step["phase"]) => onStep({ at: "table", phase });
}

type RequestListener = (request: IncomingMessage, response: ServerResponse) => void;
type Listen = (event: "request", listener: RequestListener) => unknown;

/** A job in this process. */
export interface TestJob {
  run(event?: unknown, remainingMs?: number): Promise<RunResult>;
  /** Returns the text of the key at the next read. */
  keyText: () => Promise<string>;
  /** The messages of all warnings. */
  readonly warnings: string[];
  /** The argument of the last `runEnded`. */
  oldestCompleteMs: number | undefined;
}

/** @param env additional variables */
export function composeTestJob(servers: Servers, env: Record<string, string> = {}): TestJob {
  const warnings: string[] = [];
  const telemetry: Telemetry = {
    accountEnded: (slot, result) => sawOutput({ slot, ...result }),
    runEnded: (result, oldestCompleteMs) => {
      testJob.oldestCompleteMs = oldestCompleteMs;
      sawOutput({ result, oldestCompleteMs });
    },
    warning: (message, error, where) => {
      warnings.push(message);
      sawOutput({ message, error, where });
    },
  };
  const config = readConfig({ ...servers.env, ...env }, { keyElsewhere: true });
  const job = composeJob(config, { readKey: () => testJob.keyText(), telemetry, clock: servers.clock });
  const testJob: TestJob = {
    run: async (event = {}, remainingMs) => {
      try {
        return await job.run(parseEvent(event, config.accounts, servers.clock.now()), remainingMs);
      } catch (thrown) {
        sawOutput(thrown);
        throw thrown;
      }
    },
    keyText: async () => servers.key.file,
    warnings,
    oldestCompleteMs: undefined,
  };
  return testJob;
}
