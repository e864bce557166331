import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { TABLE_KEYS } from "../../../core/names/table-keys.ts";
import { closeServer, listenOnLoopback, readBody } from "../../../local/loopback-server.ts";
import type { Answer, Request } from "../world/dispatch.ts";
import { skipNetwork } from "../world/without-network.ts";

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

/**
 * Where a run is killed, relative to a request.
 * - `before`: the request is not sent.
 * - `after`: the request takes effect, and its response is lost.
 * - `late`: the request is delayed and takes effect only after the next run has ended.
 */
export interface Kill {
  readonly step: number;
  readonly when: "before" | "after" | "late";
}

export interface GateOptions {
  /** Sends a request to its server. */
  readonly forward: Forward;
  /** Default: the run is not killed. */
  readonly kill?: Kill | undefined;
  /** Awaited after a write has taken effect, before the run receives the response. */
  readonly onWritten?: (step: Step) => Promise<void>;
}

/** The proxy between one run and its servers. */
export interface Gate {
  readonly url: string;
  /** The steps of the run until it was killed. */
  readonly steps: readonly Step[];
  killed(): boolean;
  /** Resolves when all forwarded requests have ended. */
  settled(): Promise<void>;
  /** Delivers the delayed request of a `late` kill. Returns false if there is none. */
  deliverLate(): Promise<boolean>;
  close(): Promise<void>;
}

/**
 * Opens a gate on 127.0.0.1. A run knows only the gate's address, so the gate sees every request. After the kill it forwards
 * nothing, and refuses further requests with an error that no client retries: the run ends without further effects, as if its
 * process were dead.
 */
export async function openGate({ forward, kill, onWritten }: GateOptions): Promise<Gate> {
  const steps: Step[] = [];
  const pending = new Set<Promise<unknown>>();
  let killed = false;
  let late: (() => Promise<unknown>) | undefined;

  const pass = async (step: Step, request: Request): Promise<Answer> => {
    const passing = forward(step, request).then(async (answer) => {
      if (step.writes !== undefined) await onWritten?.(step);
      return answer;
    });
    pending.add(passing);
    return passing.finally(() => pending.delete(passing));
  };
  const handle = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = "", url = "", headers } = incoming;
    const request = { method, url, headers, body: await readBody(incoming) };
    if (killed) return refuse(response);
    const step = stepOf(request);
    steps.push(step);
    const when = kill?.step === steps.length ? kill.when : undefined;
    if (when === "late") late = () => pass(step, request);
    if (when === "before" || when === "late") {
      killed = true;
      return refuse(response);
    }
    const answer = await pass(step, request);
    if (when === "after") killed = true;
    if (killed) return refuse(response);
    response.writeHead(answer.status, answer.headers).end(answer.body);
  };
  const server = createServer((request, response) => {
    handle(request, response).catch(() => request.socket.destroy());
  });
  const url = await listenOnLoopback(server);
  skipNetwork(url, server);
  return {
    ...{ url, steps },
    killed: () => killed,
    settled: async () => {
      await Promise.allSettled(pending);
    },
    deliverLate: async () => {
      await late?.();
      return late !== undefined;
    },
    close: () => closeServer(server),
  };
}

function refuse(response: ServerResponse): void {
  const refusal = { __type: "AccessDeniedException", errorType: "forbidden", errorMessage: "This run was killed." };
  response.writeHead(403, { "content-type": "application/json" }).end(JSON.stringify(refusal));
}

/** Classifies a request. */
function stepOf({ method, url, headers, body }: Request): Step {
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
