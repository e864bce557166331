import type { Answer, Request } from "./dispatch.ts";

// The protocols of the installed SDK: JSON (DynamoDB, Secrets Manager, CloudWatch), REST (EventBridge Scheduler) and query
// (CloudFormation).

/** A call of the AWS SDK. */
export interface AwsCall {
  /** The action as in IAM policies: `dynamodb:PutItem`. */
  readonly action: string;
  // biome-ignore lint/suspicious/noExplicitAny: every action has a different shape.
  readonly input: any;
  /** The region of the signature. */
  readonly region: string;
  /** The name of the table or of the secret. Worlds that share a `LocalAws` have different ones. */
  readonly scope: string;
  /** The SDK's attempt, from 1. */
  readonly attempt: number;
}

/** An error that AWS returns. `type` is its name, such as AccessDeniedException. */
export class AwsRefusal {
  readonly type: string;
  readonly message: string;
  readonly status: number;

  constructor(type: string, message = `Simulated ${type}.`, status = 400) {
    this.type = type;
    this.message = message;
    this.status = status;
  }
}

/** Maps a service's name in the credential scope to its name in IAM policies, where they differ. */
const POLICY_NAMES: Readonly<Record<string, string>> = { monitoring: "cloudwatch" };

/** Reads the service from the signature's credential scope, and the action from where the protocol has it. */
export function callOf({ method, url, headers, body }: Request): AwsCall {
  const [, region = "", signedService = "unsigned"] =
    /Credential=[^/]+\/\d+\/([^/]+)\/([^/]+)\//.exec(headers.authorization ?? "") ?? [];
  const service = POLICY_NAMES[signedService] ?? signedService;
  const { action, input } = actionOf({ method, url, headers, body });
  return {
    action: `${service}:${action}`,
    input,
    region,
    scope: input.TableName ?? input.SecretId ?? Object.keys(input.RequestItems ?? {})[0] ?? "",
    attempt: Number(/attempt=(\d+)/.exec(headers["amz-sdk-request"]?.toString() ?? "")?.[1] ?? 1),
  };
}

function actionOf({ method, url, headers, body }: Request): Pick<AwsCall, "action" | "input"> {
  const target = headers["x-amz-target"];
  if (typeof target === "string") return { action: target.split(".")[1] ?? "", input: JSON.parse(body.toString()) };
  if (usesQueryProtocol(headers)) {
    const input = Object.fromEntries(new URLSearchParams(body.toString()));
    return { action: input["Action"] ?? "", input };
  }
  const { pathname, searchParams } = new URL(url, "http://aws");
  const [, name] = (method === "GET" && /^\/schedules\/([^/]+)$/.exec(pathname)) || [];
  const input = { name, ...Object.fromEntries(searchParams) };
  return { action: name === undefined ? `${method} ${pathname}` : "GetSchedule", input };
}

const usesQueryProtocol = (headers: Request["headers"]) =>
  headers["content-type"]?.startsWith("application/x-www-form-urlencoded") === true;

/** Returns a response with a value or an error, in the protocol of the request. */
export function responseTo(request: Request, { action }: AwsCall, value: object): Answer {
  const isQuery = usesQueryProtocol(request.headers);
  const text = isQuery ? xmlOf(action.split(":")[1] ?? "", value) : jsonOf(value);
  return {
    status: value instanceof AwsRefusal ? value.status : 200,
    headers: {
      "content-type": isQuery ? "text/xml" : "application/x-amz-json-1.0",
      ...(value instanceof AwsRefusal && { "x-amzn-errortype": value.type }),
    },
    body: Buffer.from(text),
  };
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
