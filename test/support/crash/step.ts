import { TABLE_KEYS } from "../../../core/names/table-keys.ts";
import type { Answer, Request } from "../world/dispatch.ts";

/** One request of a run. */
export interface Step {
  readonly target: "api" | "aws";
  /** The operation without ids: `PutItem account_…#parts`. */
  readonly kind: string;
  /** The partition of the item that it writes, if any. */
  readonly writes: string | undefined;
  /** The account whose balances it requests, if any. */
  readonly walks: string | undefined;
}

/** Sends a request of a run to its server. */
export type Forward = (step: Step, request: Request) => Promise<Answer>;

/** Classifies a request. */
export function stepOf({ method, url, headers, body }: Request): Step {
  const [service, action = ""] = String(headers["x-amz-target"] ?? "").split(".");
  const nothing = { writes: undefined, walks: undefined };
  if (service === "secretsmanager") return { ...nothing, target: "aws", kind: action };
  if (service === "") {
    const { pathname, searchParams } = new URL(url, "http://gate");
    const further = searchParams.has("pageToken") ? ", a further page" : "";
    const kind = `${method} ${pathname.replace(ACCOUNT_ID, "account_…")}${further}`;
    return { ...nothing, target: "api", kind, walks: ACCOUNT_ID.exec(pathname)?.[0] };
  }
  const { Item, ExpressionAttributeValues = {} } = JSON.parse(body.toString());
  const partition = (Item?.[TABLE_KEYS.partition] ?? ExpressionAttributeValues[":partition"])?.S ?? "?";
  const kind = `${action} ${partition.replace(ACCOUNT_ID, "account_…")}`;
  if (READS.includes(action)) return { ...nothing, target: "aws", kind };
  return { ...nothing, target: "aws", kind, writes: partition };
}

const READS = ["Query", "GetItem", "BatchGetItem", "Scan"];

const ACCOUNT_ID = /account_[a-f0-9-]{36}/;
