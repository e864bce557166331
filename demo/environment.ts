import { generateKeyPairSync, randomUUID } from "node:crypto";
import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { ENV } from "../core/names/environment.ts";
import { embeddedEnvironment } from "../local/dynamodb/embedded-dynamodb.ts";
import type { Market } from "../local/simulated-cdp/market/market.ts";
import { type SimulatedCdp, startSimulatedCdp } from "../local/simulated-cdp/server.ts";
import { type RunningFunction, startFunction } from "../local/stand-ins/lambda-function.ts";
import { startSecretsManager } from "../local/stand-ins/secrets-manager.ts";
import { openDemoTable } from "./demo-table.ts";

/** The deployed function and everything it needs, running on this machine. */
export interface DemoEnvironment {
  readonly cdp: SimulatedCdp;
  readonly market: Market;
  readonly invoke: RunningFunction["invoke"];
  close(): Promise<void>;
}

/** The API's latency, similar to that between two continents. */
const LATENCY_MS = 40;
/** Small, so that the walk has several pages. */
const PAGE_SIZE = "10";

/**
 * Starts the three servers and the function. The table and the market continue where the previous start ended.
 * @param folder of the data
 * @param onExample called at the first start, before the example history is loaded
 */
export async function startDemoEnvironment(folder: string, onExample = () => {}): Promise<DemoEnvironment> {
  const { dynamo, market, close } = await openDemoTable(folder, onExample);
  const key = generateKey();
  const cdp = await startSimulatedCdp({
    accounts: () => market.accounts(),
    transfers: () => market.transfers(),
    keys: () => [key],
    latencyMs: LATENCY_MS,
  });
  const secrets = await startSecretsManager(key.file);
  // CDK takes a second to load, which the first lines of the output should not wait for.
  const { demoFunction } = await import("./demo-function.ts");
  const deployed = demoFunction();
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
    invoke: fn.invoke,
    close: async () => {
      await fn.stop();
      await Promise.all([cdp.close(), secrets.close(), close()]);
      deployed.remove();
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
