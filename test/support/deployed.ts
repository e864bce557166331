import { afterAll } from "@jest/globals";
import { type DeployedFunction as Synthesized, synthesizeFunction } from "../../demo/deployed-function.ts";
import { LOCAL_TABLE } from "../../local/dynamodb/embedded-dynamodb.ts";
import { type Outcome, type RunningFunction, startFunction } from "../../local/stand-ins/lambda-function.ts";
import { type StandInSecretsManager, startSecretsManager } from "../../local/stand-ins/secrets-manager.ts";
import type { Servers } from "./job.ts";
import { sawOutput } from "./leak-watch.ts";

const SECRET_ID = "cdp-api-key";

/** By configuration, for bundling takes half a second. */
const synthesized = new Map<string, Synthesized>();
afterAll(() => {
  for (const { remove } of synthesized.values()) remove();
});

/** The function of the synthesized stack, with a Secrets Manager that holds the servers' key. */
export interface DeployedFunction extends Pick<Synthesized, "environment" | "scheduledInput" | "testEvents"> {
  readonly secrets: StandInSecretsManager;
  /** A new instance of the function. @param node path of the Node to run it */
  start(node?: string): Promise<RunningFunction & { readonly log: () => string }>;
  remove(): Promise<void>;
}

/**
 * Synthesizes the stack, once for each configuration, and makes its function run on such servers.
 * @param configuration the stack's configuration, as in cdk.json
 * @param secretText the secret's text
 */
export async function deploy(
  servers: Servers,
  configuration: Readonly<Record<string, unknown>> = {},
  secretText: () => string | undefined = () => servers.key.file,
): Promise<DeployedFunction> {
  const secrets = await startSecretsManager((id) => (id === SECRET_ID ? secretText() : undefined));
  const { bundle, environment, scheduledInput, testEvents } = synthesize(configuration);
  return {
    secrets,
    environment,
    scheduledInput,
    testEvents,
    start: async (node) => {
      let log = "";
      const fn = await startFunction({
        bundle,
        env: { ...environment, ...servers.env, AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets.url },
        ...(node !== undefined && { node }),
        onLog: (text) => {
          log += text;
          sawOutput(text);
        },
      });
      const invoke = async (event: unknown, remainingMs?: number): Promise<Outcome> => {
        const outcome = await fn.invoke(event, remainingMs);
        sawOutput(outcome);
        return outcome;
      };
      return { ...fn, invoke, log: () => log };
    },
    remove: () => secrets.close(),
  };
}

function synthesize(configuration: Readonly<Record<string, unknown>>): Synthesized {
  const key = JSON.stringify(configuration);
  const found =
    synthesized.get(key) ?? synthesizeFunction(configuration, { tableName: LOCAL_TABLE, secretId: SECRET_ID });
  synthesized.set(key, found);
  return found;
}
