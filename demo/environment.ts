import { createWriteStream, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { InputError } from "../core/domain/errors.ts";
import type { RunResult } from "../core/domain/run-result.ts";
import { ENV } from "../core/names/environment.ts";
import { type HistoryReader, openHistory } from "../core/readers.ts";
import {
  DEMO_MARKET,
  embeddedEnvironment,
  LOCAL_FOLDER,
  LOCAL_TABLE,
  startEmbeddedDynamo,
} from "../local/dynamodb/embedded-dynamodb.ts";
import { makeLocalKey } from "../local/simulated-cdp/api-key.ts";
import { createMarket, type Market } from "../local/simulated-cdp/market/market.ts";
import { type SimulatedCdp, startSimulatedCdp } from "../local/simulated-cdp/server.ts";
import { startFunction } from "../local/stand-ins/lambda-function.ts";
import { startSecretsManager } from "../local/stand-ins/secrets-manager.ts";
import { synthesizeFunction } from "./deployed-function.ts";

/** All that the deployed function needs around it, on this machine. */
export interface DemoEnvironment {
  readonly cdp: SimulatedCdp;
  readonly market: Market;
  readonly reader: HistoryReader;
  invoke(event: unknown): Promise<Invocation>;
  close(): Promise<void>;
}

export type Invocation =
  | { readonly report: RunResult; readonly error?: undefined }
  | { readonly report?: undefined; readonly error: { errorType: string; errorMessage: string } };

const SECRET_ID = "cdp-api-key";
const SEED = 7;
/** As far as from one continent to another, so that a walk takes its time. */
const LATENCY_MS = 40;

/** Small, so that there are pages to walk. */
const PAGE_SIZE = "10";

/** Starts the three servers and the function. The table and the market go on where an earlier start left them. */
export async function startDemoEnvironment(): Promise<DemoEnvironment> {
  mkdirSync(LOCAL_FOLDER, { recursive: true });
  const dynamo = await startEmbeddedDynamo(LOCAL_FOLDER);
  Object.assign(process.env, embeddedEnvironment(dynamo));
  const key = makeLocalKey();
  const { market, remember } = continueMarket(DEMO_MARKET);
  const reader = openHistory(LOCAL_TABLE);
  await assertNoOthers(reader, market).catch(async (thrown) => {
    await dynamo.close();
    throw thrown;
  });
  // Before anything is stored: by it the command line knows whose folder it is.
  remember();
  const cdp = await startSimulatedCdp({ accounts: () => market.accounts(), keys: () => [key], latencyMs: LATENCY_MS });
  const secrets = await startSecretsManager((id) => (id === SECRET_ID ? key.file : undefined));
  const deployed = synthesizeFunction({}, { tableName: LOCAL_TABLE, secretId: SECRET_ID });
  const log = createWriteStream(join(LOCAL_FOLDER, "function.log"), { flags: "a" });
  const fn = await startFunction({
    bundle: deployed.bundle,
    env: {
      ...deployed.environment,
      ...embeddedEnvironment(dynamo),
      AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets.url,
      [ENV.apiBaseUrl]: cdp.url,
      [ENV.pageSize]: PAGE_SIZE,
      // The stack's schedule is none that the demo keeps to.
      [ENV.schedule]: "",
    },
    onLog: (text) => log.write(text),
  });
  return {
    cdp,
    market,
    reader,
    invoke: async (event) => {
      const { result, error } = await fn.invoke(event);
      return error === undefined ? { report: result as RunResult } : { error };
    },
    close: async () => {
      remember();
      await fn.stop();
      await Promise.all([cdp.close(), secrets.close(), dynamo.close()]);
      deployed.remove();
      log.end();
    },
  };
}

/** @throws InputError where the table has accounts of somebody's own */
async function assertNoOthers(reader: HistoryReader, market: Market): Promise<void> {
  const ours = new Set(market.accounts().map(({ accountId }) => accountId));
  const other = [...(await reader.accounts()).keys()].find((accountId) => !ours.has(accountId));
  if (other === undefined) return;
  throw new InputError("usage", [
    `${LOCAL_FOLDER}/ has accounts of your own (${other}), with which the demo's would be added up. Try the demo in another clone.`,
  ]);
}

function continueMarket(file: string): { market: Market; remember: () => void } {
  let ticks = 0;
  try {
    ticks = JSON.parse(readFileSync(file, "utf8")).ticks;
  } catch {
    // The first start, or someone tidied up: the market begins at its beginning.
  }
  const market = createMarket({ seed: SEED, ticks });
  const tick = () => {
    ticks++;
    market.tick();
  };
  return { market: { ...market, tick }, remember: () => writeFileSync(file, JSON.stringify({ ticks })) };
}
