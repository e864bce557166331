import { createServer, type IncomingMessage } from "node:http";
import { closeServer, listenOnLoopback, readBody } from "../../local/loopback-server.ts";
import { sawOutput } from "./leak-watch.ts";

/** The reply to an action: a value, a function of the embedded DynamoDB's reply, or an error. */
export type AwsReply =
  | object
  | ((forwarded: Record<string, unknown>, input: Record<string, unknown>) => object)
  | AwsRefusal;

/** An error that AWS returns. `type` is its name, such as AccessDeniedException. */
export class AwsRefusal {
  readonly type: string;
  readonly message: string;

  constructor(type: string, message = `Simulated ${type}.`) {
    this.type = type;
    this.message = message;
  }
}

/** The error for a caller without permission. */
export const DENIED = new AwsRefusal("AccessDeniedException", "User: arn:aws:iam::1:user/x is not authorized");

/** A stand-in for the AWS services that have no embedded server. It records every call. */
export interface StandInAws {
  /** The environment variables that send all calls of the AWS SDK to this server. */
  readonly env: Readonly<Record<string, string>>;
  /** All calls in order, named as in IAM policies: `dynamodb:Query`. */
  readonly actions: string[];
  /** Sets the reply to an action. */
  reply(action: string, reply: AwsReply): void;
  close(): Promise<void>;
}

interface Call {
  readonly action: string;
  readonly input: Record<string, unknown>;
  readonly protocol: "json" | "query";
}

/** Maps a service's name in the credential scope to its name in IAM policies, where they differ. */
const POLICY_NAMES: Readonly<Record<string, string>> = { monitoring: "cloudwatch" };

/**
 * Starts the stand-in on 127.0.0.1. It implements the protocols of the installed SDK: JSON (DynamoDB, Secrets Manager,
 * CloudWatch), REST (EventBridge Scheduler) and query (CloudFormation).
 * @param dynamoUrl receives the calls to DynamoDB for which no reply is set
 */
export async function startStandInAws(dynamoUrl: string): Promise<StandInAws> {
  const actions: string[] = [];
  const replies = new Map<string, AwsReply>();
  const server = createServer(async (request, response) => {
    const body = await readBody(request);
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
        : (reply ?? new AwsRefusal("UnknownOperationException", `The test sets no reply for ${action}.`));
    const isError = value instanceof AwsRefusal;
    response.writeHead(isError ? 400 : 200, {
      "content-type": protocol === "json" ? "application/x-amz-json-1.0" : "text/xml",
      ...(isError && { "x-amzn-errortype": value.type }),
    });
    response.end(protocol === "json" ? jsonOf(value) : xmlOf(action.split(":")[1] ?? "", value));
  });
  return {
    env: { AWS_ENDPOINT_URL: await listenOnLoopback(server) },
    actions,
    reply: (action, reply) => replies.set(action, reply),
    close: () => closeServer(server),
  };
}

/** Reads the service from the signature's credential scope, and the action from where the protocol has it. */
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
  const forwardedHeaders = ["authorization", "x-amz-target", "x-amz-date", "content-type"];
  const passed = forwardedHeaders.flatMap((name) => (typeof headers[name] === "string" ? [[name, headers[name]]] : []));
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
