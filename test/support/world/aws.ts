import { createServer, type Server } from "node:http";
import { embeddedEnvironment, startEmbeddedDynamo } from "../../../local/dynamodb/embedded-dynamodb.ts";
import { closeServer, listenOnLoopback, readBody } from "../../../local/loopback-server.ts";
import { sawOutput } from "../leak-watch.ts";
import { type AwsCall, AwsRefusal, callOf, responseTo } from "./aws-protocols.ts";
import { type Answer, dispatch, type Request } from "./dispatch.ts";
import { keepTableInMemory } from "./memory-table.ts";
import { skipNetwork } from "./without-network.ts";

export { type AwsCall, AwsRefusal } from "./aws-protocols.ts";

/** Only this much of a request is searched for secrets, because larger ones, the parts of snapshots, take long. */
const WATCHED_BYTES = 64 * 1024;

/** The error for a caller without permission. */
export const DENIED = new AwsRefusal("AccessDeniedException", "User: arn:aws:iam::1:user/x is not authorized");

/** The error for a secret that exists and has no value yet, and that for one that does not exist. */
export const NO_SECRET_VALUE = new AwsRefusal(
  "ResourceNotFoundException",
  "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT",
);
export const NO_SECRET = new AwsRefusal(
  "ResourceNotFoundException",
  "Secrets Manager can't find the specified secret.",
);

/** The reply to an action: a value, an error, or a function of the embedded DynamoDB's reply and the call. */
export type AwsReply = object | ((forwarded: Record<string, unknown>, call: AwsCall) => object) | AwsRefusal;

/** What a call gets instead of its reply. */
export type AwsDisturbance = "hang" | "reset" | AwsRefusal;

/** The call has arrived; it has taken effect, and its response has not been sent. */
type Phase = "received" | "worked";

/** Awaited in each phase of a call. A returned disturbance replaces the reply. */
export type AwsHook = (call: AwsCall, phase: Phase) => Promise<AwsDisturbance | undefined>;

/** All AWS services that the project calls, except S3. Several worlds can share it: each has its own scope. */
export interface LocalAws {
  readonly url: string;
  readonly server: Server;
  /** The variables that send all calls of the AWS SDK to this server. */
  readonly env: Readonly<Record<string, string>>;
  /** The value of each secret by its name; `undefined` for a secret that has no value yet. */
  readonly secrets: Map<string, string | undefined>;
  /** Every call, in order. */
  readonly calls: AwsCall[];
  /** Sets the reply to an action. */
  reply(action: string, reply: AwsReply): void;
  onCall(scope: string, hook: AwsHook | undefined): void;
  close(): Promise<void>;
}

/**
 * Starts an embedded DynamoDB and stand-ins for the other services behind one server, on 127.0.0.1. Everything that the SDK
 * sends is searched for secrets.
 * @param memoryTable the name of a table that is in memory, see `keepTableInMemory`. Then there is no embedded DynamoDB
 */
export async function startAws(memoryTable?: string): Promise<LocalAws> {
  const secrets = new Map<string, string | undefined>();
  const calls: AwsCall[] = [];
  const replies = new Map<string, AwsReply>([
    ["secretsmanager:GetSecretValue", (_, call) => secretValue(call, secrets)],
  ]);
  const hooks = new Map<string, AwsHook>();
  const dynamo = memoryTable === undefined ? await startEmbeddedDynamo() : undefined;
  const forget =
    memoryTable === undefined ? () => {} : keepTableInMemory(memoryTable, calls, () => hooks.get(memoryTable));

  const answerTo = async (request: Request, call: AwsCall): Promise<Answer> => {
    const reply = replies.get(call.action);
    if (reply !== undefined && typeof reply !== "function") return responseTo(request, call, reply);
    const forwarded =
      dynamo && call.action.startsWith("dynamodb:") ? await dispatch(dynamo.server, request) : undefined;
    if (forwarded !== undefined && (reply === undefined || forwarded.status !== 200)) return forwarded;
    const unknown = new AwsRefusal("UnknownOperationException", `The test sets no reply for ${call.action}.`);
    return responseTo(request, call, reply?.(JSON.parse(forwarded?.body.toString() ?? "{}"), call) ?? unknown);
  };
  const server = createServer(async (incoming, response) => {
    const { method = "", url = "", headers } = incoming;
    const request = { method, url, headers, body: await readBody(incoming) };
    sawOutput(request.body.subarray(0, WATCHED_BYTES));
    const call = callOf(request);
    calls.push(call);
    const early = await hooks.get(call.scope)?.(call, "received");
    const answer = early === undefined ? await answerTo(request, call) : undefined;
    const disturbance = early ?? (await hooks.get(call.scope)?.(call, "worked"));
    if (disturbance === "reset") response.socket?.destroy();
    const sent = disturbance instanceof AwsRefusal ? responseTo(request, call, disturbance) : answer;
    if (typeof disturbance !== "string" && sent) response.writeHead(sent.status, sent.headers).end(sent.body);
  });
  const url = await listenOnLoopback(server);
  skipNetwork(url, server, () => hooks.size === 0);
  return {
    ...{ url, server, secrets, calls },
    env: { ...embeddedEnvironment({ url }), AWS_ENDPOINT_URL: url },
    reply: (action, reply) => void replies.set(action, reply),
    onCall: (scope, hook) => {
      if (hook === undefined) hooks.delete(scope);
      else hooks.set(scope, hook);
    },
    close: async () => {
      forget();
      await Promise.all([closeServer(server), dynamo?.close()]);
    },
  };
}

function secretValue({ scope }: AwsCall, secrets: LocalAws["secrets"]): object {
  const SecretString = secrets.get(scope);
  if (SecretString !== undefined) return { Name: scope, SecretString, VersionStages: ["AWSCURRENT"] };
  return secrets.has(scope) ? NO_SECRET_VALUE : NO_SECRET;
}
