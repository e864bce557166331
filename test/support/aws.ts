import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { sawOutput } from "./leak-watch.ts";

/** What an action answers: a value, or what is made of the answer of the embedded DynamoDB; or a refusal. */
export type AwsReply =
  | object
  | ((forwarded: Record<string, unknown>, input: Record<string, unknown>) => object)
  | AwsRefusal;

/** An error as AWS gives it, by its name. */
export class AwsRefusal {
  readonly type: string;
  readonly message: string;

  constructor(type: string, message = `Simulated ${type}.`) {
    this.type = type;
    this.message = message;
  }
}

/** What AWS says to someone who may not look. */
export const DENIED = new AwsRefusal("AccessDeniedException", "User: arn:aws:iam::1:user/x is not authorized");

/** Stands in for the services of AWS that have no embedded server, and writes down every call to any of them. */
export interface StandInAws {
  /** Leads the SDK here with every call, whichever service it is for. */
  readonly env: Readonly<Record<string, string>>;
  /** Every call, in order, as a policy names it: `dynamodb:Query`. */
  readonly actions: string[];
  /** What an action answers from now on. */
  reply(action: string, reply: AwsReply): void;
  close(): Promise<void>;
}

interface Call {
  readonly action: string;
  readonly input: Record<string, unknown>;
  readonly protocol: "json" | "query";
}

/** By the name in the credential scope: what a policy calls a service, where that differs. */
const POLICY_NAMES: Readonly<Record<string, string>> = { monitoring: "cloudwatch" };

/**
 * Starts it on 127.0.0.1. It speaks what the installed SDK speaks: JSON (DynamoDB, Secrets Manager, CloudWatch), REST
 * (EventBridge Scheduler) and the query protocol (CloudFormation).
 * @param dynamoUrl where calls to DynamoDB go that have no reply of their own
 */
export async function startStandInAws(dynamoUrl: string): Promise<StandInAws> {
  const actions: string[] = [];
  const replies = new Map<string, AwsReply>();
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const { action, input, protocol } = callOf(request, body);
    actions.push(action);
    sawOutput(body);
    const reply = replies.get(action);
    const forwarded =
      action.startsWith("dynamodb:") && (reply === undefined || typeof reply === "function")
        ? await forward(dynamoUrl, request, body)
        : undefined;
    if (forwarded !== undefined && (reply === undefined || forwarded.status !== 200)) {
      response.writeHead(forwarded.status, { "content-type": "application/x-amz-json-1.0" }).end(forwarded.text);
      return;
    }
    const value =
      typeof reply === "function"
        ? reply(JSON.parse(forwarded?.text ?? "{}"), input)
        : (reply ?? new AwsRefusal("UnknownOperationException", `Nobody said what ${action} answers.`));
    const refused = value instanceof AwsRefusal;
    response.writeHead(refused ? 400 : 200, {
      "content-type": protocol === "json" ? "application/x-amz-json-1.0" : "text/xml",
      ...(refused && { "x-amzn-errortype": value.type }),
    });
    response.end(protocol === "json" ? jsonOf(value) : xmlOf(action.split(":")[1] ?? "", value));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    env: { AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}` },
    actions,
    reply: (action, reply) => replies.set(action, reply),
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** The service stands in the signature's credential scope, the action where its protocol has it. */
function callOf({ method, url = "", headers }: IncomingMessage, body: Buffer): Call {
  const scope = /Credential=[^/]+\/\d+\/[^/]+\/([^/]+)\//.exec(headers.authorization ?? "")?.[1] ?? "unsigned";
  const service = POLICY_NAMES[scope] ?? scope;
  const target = headers["x-amz-target"];
  if (typeof target === "string") {
    return { action: `${service}:${target.split(".")[1]}`, input: JSON.parse(body.toString()), protocol: "json" };
  }
  if (headers["content-type"]?.startsWith("application/x-www-form-urlencoded")) {
    const input = Object.fromEntries(new URLSearchParams(body.toString()));
    return { action: `${service}:${input["Action"]}`, input, protocol: "query" };
  }
  const { pathname, searchParams } = new URL(url, "http://aws");
  const action = method === "GET" && pathname.startsWith("/schedules/") ? "GetSchedule" : `${method} ${pathname}`;
  return { action: `${service}:${action}`, input: Object.fromEntries(searchParams), protocol: "json" };
}

async function forward(dynamoUrl: string, { headers }: IncomingMessage, body: Buffer) {
  const kept = ["authorization", "x-amz-target", "x-amz-date", "content-type"];
  const passed = kept.flatMap((name) => (typeof headers[name] === "string" ? [[name, headers[name]]] : []));
  const answer = await fetch(dynamoUrl, {
    method: "POST",
    headers: Object.fromEntries(passed),
    body: new Uint8Array(body),
  });
  return { status: answer.status, text: await answer.text() };
}

function jsonOf(value: object): string {
  return JSON.stringify(value instanceof AwsRefusal ? { __type: value.type, message: value.message } : value);
}

function xmlOf(action: string, value: object): string {
  if (value instanceof AwsRefusal) {
    const { type, message } = value;
    return `<ErrorResponse><Error><Type>Sender</Type>${xml("Code", type)}${xml("Message", message)}</Error></ErrorResponse>`;
  }
  return `<${action}Response>${xml(`${action}Result`, value)}</${action}Response>`;
}

function xml(name: string, value: unknown): string {
  if (Array.isArray(value)) return `<${name}>${value.map((item) => xml("member", item)).join("")}</${name}>`;
  if (value instanceof Date) return `<${name}>${value.toISOString()}</${name}>`;
  const inner =
    typeof value === "object" && value !== null
      ? Object.entries(value)
          .map(([key, item]) => xml(key, item))
          .join("")
      : String(value).replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return `<${name}>${inner}</${name}>`;
}
