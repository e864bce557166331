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
  /** The name of the table or of the secret: each world has one of its own. */
  readonly scope: string;
  // biome-ignore lint/suspicious/noExplicitAny: each operation has its own, and a fault looks at what it strikes only.
  readonly input: any;
  /** Which attempt of the SDK's it is, from 1. */
  readonly attempt: number;
}

/** How AWS misbehaves in one world. */
export interface AwsTrouble {
  readonly on: (call: AwsCall) => boolean;
  /** How many calls it strikes before it is gone. Default: for ever. */
  readonly times?: number;
  /** The work is done all the same: only the answer is lost. */
  readonly worked?: boolean;
  readonly answer: AwsAnswer;
}

export type AwsAnswer =
  | "hang"
  | "reset"
  /** Late, and right. */
  | { readonly afterMs: number }
  | { readonly status: number; readonly type: string; readonly message: string };

interface Waiting {
  readonly trouble: AwsTrouble;
  left: number;
}

/** A call came in; its work is done, and the answer not yet sent. */
type Phase = "received" | "worked";

/** Awaited at each call, for runs that meet and runs that die. What it returns is answered, if anything. */
export type AwsHook = (call: AwsCall, phase: Phase) => Promise<AwsAnswer | undefined>;

/** DynamoDB and Secrets Manager for any number of worlds. */
export interface LocalAws {
  /** Leads the SDK here. */
  readonly url: string;
  /** What stands in each secret, by its name: `undefined` for no value. */
  readonly secrets: Map<string, string | undefined>;
  /** Every call, in order. */
  readonly calls: AwsCall[];
  misbehave(scope: string, trouble: AwsTrouble): void;
  onCall(scope: string, hook: AwsHook | undefined): void;
  behave(scope: string): void;
  close(): Promise<void>;
}

/** Starts it on 127.0.0.1: the embedded DynamoDB and the stand-in for Secrets Manager, with troubles in front of them. */
export async function startLocalAws(): Promise<LocalAws> {
  const secrets = new Map<string, string | undefined>();
  const calls: AwsCall[] = [];
  const troubles = new Map<string, Waiting[]>();
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
    const { answer, worked } = strike(troubles.get(call.scope), call) ?? {};
    const early = (await step("received")) ?? (worked ? undefined : answer);
    if (typeof early === "object" && "afterMs" in early) await sleep(early.afterMs);
    else if (early !== undefined) return give(response, early);
    const end = response.end.bind(response) as End;
    response.end = ((text?: unknown) => {
      void step("worked").then((instead) => {
        const late = instead ?? (worked ? answer : undefined);
        if (late === undefined) end(text);
        else give(response, late, end);
      });
      return response;
    }) as ServerResponse["end"];
    await work(request, body, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    secrets,
    calls,
    misbehave: (scope, trouble) => {
      const left = trouble.times ?? Number.POSITIVE_INFINITY;
      troubles.set(scope, [...(troubles.get(scope) ?? []), { trouble, left }]);
    },
    onCall: (scope, hook) => {
      if (hook === undefined) hooks.delete(scope);
      else hooks.set(scope, hook);
    },
    behave: (scope) => void troubles.delete(scope),
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

/** The trouble that strikes a call, of those that are waiting; it counts as used. */
function strike(waiting: Waiting[] = [], call: AwsCall): AwsTrouble | undefined {
  const struck = waiting.find(({ trouble, left }) => left > 0 && trouble.on(call));
  if (struck !== undefined) struck.left--;
  return struck?.trouble;
}

/** @param end ends the response; by default its own way to do so */
function give(response: ServerResponse, answer: AwsAnswer, end = response.end.bind(response) as End): void {
  if (answer === "reset") response.socket?.destroy();
  if (typeof answer !== "object" || !("status" in answer)) return;
  for (const name of response.getHeaderNames()) response.removeHeader(name);
  const { status, type, message } = answer;
  response.writeHead(status, { "content-type": "application/x-amz-json-1.0" });
  end(JSON.stringify({ __type: type, message }));
}

type End = (text?: unknown) => unknown;
