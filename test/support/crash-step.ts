import type { IncomingHttpHeaders, IncomingMessage, Server } from "node:http";
import { TABLE_KEYS } from "../../core/names/table-keys.ts";
import { carryOut } from "./carry-out.ts";
import { sawOutput } from "./leak-watch.ts";

/** What a run talks to. */
export type Target = "api" | "table" | "secrets";

/** The key of an item. */
export interface Key {
  readonly partition: string;
  readonly sort: string;
}

/** A step of I/O: one request of a run. */
export interface Step {
  readonly target: Target;
  /** What it does, without ids: `PutItem account_…#parts`. */
  readonly kind: string;
  /** The item that it writes; `undefined`: it writes nothing. */
  readonly writes: Key | undefined;
  /** The account whose balances it asks for; `undefined`: it does not. */
  readonly walks: string | undefined;
}

/** Larger requests are not kept for the leak search: other tests send it the same. */
const WATCHED_BYTES = 64 * 1024;

/** A request, its body complete. */
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

/** Has a server carry out a request of a run. */
export type Forward = (step: Step, request: Request) => Promise<Answer>;

/** What a request is. */
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

/** Forwards to servers of this process. */
export function forwardTo(servers: Readonly<Record<Target, Server>>): Forward {
  return ({ target }, request) => carryOut(servers[target], request);
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
