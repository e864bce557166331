import { generateKeyPairSync, randomUUID } from "node:crypto";
import { createWriteStream, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { reportDamage } from "../cli/shared/output.ts";
import { InputError } from "../core/domain/errors.ts";
import { ENV } from "../core/names/environment.ts";
import { type HistoryReader, openHistory } from "../core/readers.ts";
import { closeOnError } from "../local/close-after.ts";
import { DATA_VARIABLE, dataFolder, demoMarketIn } from "../local/data-folder.ts";
import { embeddedEnvironment, LOCAL_TABLE, startEmbeddedDynamo } from "../local/dynamodb/embedded-dynamodb.ts";
import { createMarket, type Market } from "../local/simulated-cdp/market/market.ts";
import { type SimulatedCdp, startSimulatedCdp } from "../local/simulated-cdp/server.ts";
import { type RunningFunction, startFunction } from "../local/stand-ins/lambda-function.ts";
import { startSecretsManager } from "../local/stand-ins/secrets-manager.ts";

/** The deployed function and everything it needs, running on this machine. */
export interface DemoEnvironment {
  readonly cdp: SimulatedCdp;
  readonly market: Market;
  readonly reader: HistoryReader;
  /** The folder of the data. */
  readonly folder: string;
  readonly invoke: RunningFunction["invoke"];
  close(): Promise<void>;
}

const SEED = 7;
/** The API's latency, similar to that between two continents. */
const LATENCY_MS = 40;
/** Small, so that the walk has several pages. */
const PAGE_SIZE = "10";

/** Starts the three servers and the function. The table and the market continue where the previous start ended. */
export async function startDemoEnvironment(): Promise<DemoEnvironment> {
  const folder = dataFolder();
  const dynamo = await startEmbeddedDynamo(folder);
  Object.assign(process.env, embeddedEnvironment(dynamo));
  const key = generateKey();
  const stateFile = demoMarketIn(folder);
  const market = createMarket({ seed: SEED, ticks: savedTicks(stateFile) });
  const saveState = () => writeFileSync(stateFile, JSON.stringify({ ticks: market.ticks }));
  const reader = openHistory(LOCAL_TABLE, reportDamage);
  await closeOnError(() => assertOnlyDemoAccounts(reader, market, folder), dynamo.close);
  // Before the first snapshot, so that the command line can recognize the folder as the demo's.
  saveState();
  const cdp = await startSimulatedCdp({ accounts: () => market.accounts(), keys: () => [key], latencyMs: LATENCY_MS });
  const secrets = await startSecretsManager(key.file);
  // CDK takes a second to load, which the first lines of the output should not wait for.
  const { synthesizeFunction } = await import("./deployed-function.ts");
  const deployed = synthesizeFunction({}, { tableName: LOCAL_TABLE, secretId: "cdp-api-key" });
  const log = createWriteStream(join(folder, "function.log"), { flags: "a" });
  const fn = await startFunction({
    bundle: deployed.bundle,
    env: {
      ...deployed.environment,
      ...embeddedEnvironment(dynamo),
      AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets.url,
      [ENV.apiBaseUrl]: cdp.url,
      [ENV.pageSize]: PAGE_SIZE,
      // The demo's slots do not follow the stack's schedule.
      [ENV.schedule]: "",
    },
    onLog: (text) => log.write(text),
  });
  return {
    cdp,
    market,
    reader,
    folder,
    invoke: fn.invoke,
    close: async () => {
      saveState();
      await fn.stop();
      await Promise.all([cdp.close(), secrets.close(), dynamo.close()]);
      rmSync(deployed.folder, { recursive: true, force: true });
      log.end();
    },
  };
}

/** Generates a key that only the simulated API accepts. `file` is the text of its key file in the CDP portal's format. */
function generateKey() {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const { d = "", x = "" } = privateKey.export({ format: "jwk" });
  // Ed25519 keys are base64 of the seed and the public key.
  const bytes = Buffer.concat([Buffer.from(d, "base64url"), Buffer.from(x, "base64url")]);
  const id = randomUUID();
  return { id, publicKey, file: JSON.stringify({ id, privateKey: bytes.toString("base64") }, null, 2) };
}

/** @throws InputError if the table contains accounts other than the demo's */
async function assertOnlyDemoAccounts(reader: HistoryReader, market: Market, folder: string): Promise<void> {
  const demoAccounts = new Set(market.accounts().map(({ accountId }) => accountId));
  const other = [...(await reader.accounts()).keys()].find((accountId) => !demoAccounts.has(accountId));
  if (other === undefined) return;
  throw new InputError("usage", [
    `${folder} contains other accounts (${other}). The demo would add its own accounts to their totals. ` +
      `Run the demo in another folder: ${DATA_VARIABLE}=.local/demo npm start.`,
  ]);
}

/** Returns how many ticks of the market have passed at earlier starts. */
function savedTicks(file: string): number {
  try {
    return JSON.parse(readFileSync(file, "utf8")).ticks;
  } catch {
    // There is no state yet, so the market starts from the beginning.
    return 0;
  }
}
