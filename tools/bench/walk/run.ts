import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ENV } from "../../../core/names/environment.ts";
import { startFunction } from "../../../local/stand-ins/lambda-function.ts";

/** What a run took. */
export interface Measured {
  readonly ms: number;
  /** Of the client alone. */
  readonly cpuMs: number;
}

export interface Servers {
  readonly apiUrl: string;
  readonly awsUrl: string;
  /** Returns what was requested since the last call. */
  counts(): Promise<{ readonly reads: number; readonly refused: number; readonly requests: number }>;
  stop(): void;
}

export async function startServers(options: object): Promise<Servers> {
  const child = forkModule("./servers.ts", options);
  const [urls] = await once(child, "message");
  const counts = async () => {
    const answered = once(child, "message");
    child.send("counts");
    return (await answered)[0];
  };
  return { ...urls, counts, stop: () => child.disconnect() };
}

/** Runs a client of `clients.ts` in a process of its own. */
export async function runClient(options: object, node: string): Promise<Measured> {
  const child = forkModule("./clients.ts", options, node);
  const ended = once(child, "exit").then(([code]): never => {
    throw new Error(`The client ended with exit code ${code}.`);
  });
  ended.catch(() => {});
  return (await Promise.race([once(child, "message"), ended]))[0];
}

function forkModule(name: string, options: object, execPath = process.execPath): ChildProcess {
  const execArgv = ["--import", import.meta.resolve("tsx")];
  const child = fork(fileURLToPath(new URL(name, import.meta.url)), { execPath, execArgv });
  // A list of accounts is too long for an argument.
  child.send(options);
  return child;
}

/** The function as it is deployed. */
export interface Deployed {
  readonly bundle: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly memoryMb: number;
}

/** Runs the deployed function once, in a new process, as after a cold start. Its loading does not count. @param env more variables */
export async function runFunction(
  { bundle, environment, memoryMb }: Deployed,
  { apiUrl, awsUrl }: Servers,
  accounts: readonly string[],
  event: object,
  node: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Measured & { readonly peakMb: number }> {
  const folder = mkdtempSync(join(tmpdir(), "bench-"));
  const configurationFile = join(folder, "configuration.json");
  writeFileSync(configurationFile, JSON.stringify({ accounts }));
  const fn = await startFunction({
    ...{ bundle, memoryMb, node },
    env: {
      ...environment,
      ...{ AWS_REGION: "eu-central-1", AWS_ACCESS_KEY_ID: "local", AWS_SECRET_ACCESS_KEY: "local" },
      ...{ AWS_ENDPOINT_URL: awsUrl, AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true" },
      ...{ [ENV.apiBaseUrl]: apiUrl, [ENV.configurationFile]: configurationFile },
      [ENV.latenessLimitSeconds]: "86400",
      ...env,
    },
  });
  try {
    const startedAt = performance.now();
    const { error, cpuMs, peakMb } = await fn.invoke(event);
    if (error !== undefined) throw new Error(`${error.errorType}: ${error.errorMessage}`);
    return { ms: performance.now() - startedAt, cpuMs, peakMb };
  } finally {
    await fn.stop();
    rmSync(folder, { recursive: true });
  }
}
