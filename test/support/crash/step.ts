import type { IncomingHttpHeaders, IncomingMessage, RequestListener, Server } from "node:http";
import { Readable, Writable } from "node:stream";
import { TABLE_KEYS } from "../../../core/names/table-keys.ts";
import { sawOutput } from "../leak-watch.ts";

/** The servers that a run calls. */
export type Target = "api" | "table" | "secrets";

/** The key of an item. */
export interface Key {
  readonly partition: string;
  readonly sort: string;
}

/** One request of a run. */
export interface Step {
  readonly target: Target;
  /** The operation without ids: `PutItem account_…#parts`. */
  readonly kind: string;
  /** The key of the item that it writes, if any. */
  readonly writes: Key | undefined;
  /** The account whose balances it requests, if any. */
  readonly walks: string | undefined;
}

/** Larger requests are not kept for the leak search, which sees the same content in other tests. */
const WATCHED_BYTES = 64 * 1024;

/** A request with its complete body. */
export interface Request {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Sends a request of a run to its server. */
export type Forward = (step: Step, request: Request) => Promise<Answer>;

/** Classifies a request. */
export function stepOf({ method, url, headers, body }: Request): Step {
  const [service, action = ""] = String(headers["x-amz-target"] ?? "").split(".");
  const nothing = { writes: undefined, walks: undefined };
  if (service === "secretsmanager") return { ...nothing, target: "secrets", kind: action };
  if (service === "") {
    const { pathname, searchParams } = new URL(url, "http://gate");
    const further = searchParams.has("pageToken") ? ", a further page" : "";
    const kind = `${method} ${pathname.replace(ACCOUNT_ID, "account_…")}${further}`;
    return { ...nothing, target: "api", kind, walks: ACCOUNT_ID.exec(pathname)?.[0] };
  }
  const { Item, ExpressionAttributeValues = {} } = JSON.parse(body.toString());
  const partition = (Item?.[TABLE_KEYS.partition] ?? ExpressionAttributeValues[":partition"])?.S ?? "?";
  const kind = `${action} ${partition.replace(ACCOUNT_ID, "account_…")}`;
  if (READS.includes(action)) return { ...nothing, target: "table", kind };
  if (body.length < WATCHED_BYTES) sawOutput(body);
  return { ...nothing, target: "table", kind, writes: { partition, sort: Item?.[TABLE_KEYS.sort]?.S ?? "?" } };
}

const READS = ["Query", "GetItem", "BatchGetItem", "Scan"];

const ACCOUNT_ID = /account_[a-f0-9-]{36}/;

/** Returns a function that forwards requests to servers of this process. */
export function forwardTo(servers: Readonly<Record<Target, Server>>): Forward {
  return ({ target }, request) => dispatch(servers[target], request);
}

export function bytesOf(message: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    message
      .on("data", (chunk) => chunks.push(chunk))
      .on("end", () => resolve(Buffer.concat(chunks)))
      .on("error", reject);
  });
}

/** Passes a request to a server of this process without a network. */
function dispatch(server: Server, { method, url, headers, body }: Request): Promise<Answer> {
  const [listener] = server.listeners("request") as [RequestListener];
  const request = Object.assign(Readable.from([body]), { method, url, headers });
  return new Promise((resolve, reject) => {
    const response = new CapturedResponse(resolve).on("error", reject);
    listener(request as never, response as never);
  });
}

/** The part of ServerResponse that the embedded servers use. */
class CapturedResponse extends Writable {
  statusCode = 200;
  readonly #headers: IncomingHttpHeaders = {};
  readonly #chunks: Buffer[] = [];
  readonly #onEnd: (answer: Answer) => void;

  constructor(onEnd: (answer: Answer) => void) {
    super();
    this.#onEnd = onEnd;
  }

  setHeader(name: string, value: unknown): this {
    this.#headers[name.toLowerCase()] = String(value);
    return this;
  }

  writeHead(status: number, headers: Record<string, unknown>): this {
    this.statusCode = status;
    for (const [name, value] of Object.entries(headers)) this.setHeader(name, value);
    return this;
  }

  override _write(chunk: Buffer, _encoding: unknown, done: () => void): void {
    this.#chunks.push(chunk);
    done();
  }

  override _final(done: () => void): void {
    done();
    this.#onEnd({ status: this.statusCode, headers: this.#headers, body: Buffer.concat(this.#chunks) });
  }
}
