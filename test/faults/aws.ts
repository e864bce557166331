import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { startEmbeddedDynamo } from "../../local/dynamodb/embedded-dynamodb.ts";
import { startSecretsManager } from "../../local/stand-ins/secrets-manager.ts";
import { sawOutput } from "../support/leak-watch.ts";

/** A call of the AWS SDK. */
export interface AwsCall {
  /** `PutItem`, `Query`, `GetSecretValue` … */
  readonly operation: string;
  /** The name of the table or of the secret. Each world has its own. */
  readonly scope: string;
  // biome-ignore lint/suspicious/noExplicitAny: every operation has a different shape.
  readonly input: any;
  /** The SDK's attempt, from 1. */
  readonly attempt: number;
}

/** How AWS fails in one world. */
export interface AwsFault {
  readonly on: (call: AwsCall) => boolean;
  /** How many calls fail. Default: all, until the fault is cleared. */
  readonly times?: number;
  /** The call takes effect, and only its response is lost. */
  readonly worked?: boolean;
  readonly answer: AwsAnswer;
}

export type AwsAnswer =
  | "hang"
  | "reset"
  /** A delayed, correct response. */
  | { readonly afterMs: number }
  | { readonly status: number; readonly type: string; readonly message: string };

interface PendingFault {
  readonly fault: AwsFault;
  left: number;
}

/** The call has arrived; it has taken effect, and its response has not been sent. */
type Phase = "received" | "worked";

/** Awaited in each phase of a call. A returned answer replaces the real one. */
export type AwsHook = (call: AwsCall, phase: Phase) => Promise<AwsAnswer | undefined>;

/** DynamoDB and Secrets Manager for any number of worlds. */
export interface LocalAws {
  /** For `AWS_ENDPOINT_URL`. */
  readonly url: string;
  /** The value of each secret by its name; `undefined` for a secret without a value. */
  readonly secrets: Map<string, string | undefined>;
  /** Every call, in order. */
  readonly calls: AwsCall[];
  injectFault(scope: string, fault: AwsFault): void;
  onCall(scope: string, hook: AwsHook | undefined): void;
  clearFaults(scope: string): void;
  close(): Promise<void>;
}

/** Starts an embedded DynamoDB and a stand-in for Secrets Manager behind a server that injects faults, on 127.0.0.1. */
export async function startLocalAws(): Promise<LocalAws> {
  const secrets = new Map<string, string | undefined>();
  const calls: AwsCall[] = [];
  const faults = new Map<string, PendingFault[]>();
  const hooks = new Map<string, AwsHook>();
  const dynamo = await startEmbeddedDynamo();
  const [dynalite] = dynamo.server.listeners("request") as [(request: unknown, response: unknown) => void];
  const vault = await startSecretsManager((id) => secrets.get(id));

  const work = async (request: IncomingMessage, body: Buffer, response: ServerResponse) => {
    const { method, url, headers } = request;
    if (headers["x-amz-target"]?.toString().startsWith("secretsmanager")) {
      const answer = await fetch(vault.url, { method: "POST", headers: target(request), body: new Uint8Array(body) });
      const text = await answer.text();
      response.statusCode = answer.status;
      response.setHeader("content-type", "application/x-amz-json-1.1").end(text);
    } else dynalite(Object.assign(Readable.from([body]), { method, url, headers }), response);
  };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    sawOutput(body);
    const call = callOf(request, body);
    calls.push(call);
    const step = async (phase: Phase) => hooks.get(call.scope)?.(call, phase);
    const { answer, worked } = matchFault(faults.get(call.scope), call) ?? {};
    const early = (await step("received")) ?? (worked ? undefined : answer);
    if (typeof early === "object" && "afterMs" in early) await sleep(early.afterMs);
    else if (early !== undefined) return sendFault(response, early);
    const end = response.end.bind(response) as End;
    response.end = ((text?: unknown) => {
      void step("worked").then((instead) => {
        const late = instead ?? (worked ? answer : undefined);
        if (late === undefined) end(text);
        else sendFault(response, late, end);
      });
      return response;
    }) as ServerResponse["end"];
    await work(request, body, response);
  });
  // By default Node closes idle connections after 5 seconds, on a busy machine in the middle of a request.
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    secrets,
    calls,
    injectFault: (scope, fault) => {
      const left = fault.times ?? Number.POSITIVE_INFINITY;
      faults.set(scope, [...(faults.get(scope) ?? []), { fault, left }]);
    },
    onCall: (scope, hook) => {
      if (hook === undefined) hooks.delete(scope);
      else hooks.set(scope, hook);
    },
    clearFaults: (scope) => void faults.delete(scope),
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await Promise.all([closed, dynamo.close(), vault.close()]);
    },
  };
}

function callOf({ headers }: IncomingMessage, body: Buffer): AwsCall {
  const input = JSON.parse(body.toString());
  return {
    operation: headers["x-amz-target"]?.toString().split(".").at(-1) ?? "",
    scope: input.TableName ?? input.SecretId ?? Object.keys(input.RequestItems ?? {})[0] ?? "",
    input,
    attempt: Number(/attempt=(\d+)/.exec(headers["amz-sdk-request"]?.toString() ?? "")?.[1] ?? 1),
  };
}

const target = ({ headers }: IncomingMessage) => ({ "x-amz-target": headers["x-amz-target"]?.toString() ?? "" });

/** Returns the first pending fault that matches the call, and counts it as used. */
function matchFault(pending: PendingFault[] = [], call: AwsCall): AwsFault | undefined {
  const match = pending.find(({ fault, left }) => left > 0 && fault.on(call));
  if (match !== undefined) match.left--;
  return match?.fault;
}

/** @param end the original `response.end`, if it has been replaced */
function sendFault(response: ServerResponse, answer: AwsAnswer, end = response.end.bind(response) as End): void {
  if (answer === "reset") response.socket?.destroy();
  if (typeof answer !== "object" || !("status" in answer)) return;
  for (const name of response.getHeaderNames()) response.removeHeader(name);
  const { status, type, message } = answer;
  response.writeHead(status, { "content-type": "application/x-amz-json-1.0" });
  end(JSON.stringify({ __type: type, message }));
}

type End = (text?: unknown) => unknown;
