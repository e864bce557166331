import type { ServerResponse } from "node:http";
import { finished } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { Answer } from "../response.ts";
import type { Fault } from "./fault.ts";

/** Sends an answer as a fault wants it sent, and returns when it was handed to the network or the client has gone. */
export async function send(response: ServerResponse, answer: Answer, fault?: Fault): Promise<void> {
  if (fault?.kind === "cut" && fault.announced) await sendCut(response, answer, fault.after);
  else if (fault?.kind === "drip") await sendDripping(response, answer, fault);
  else await sendWhole(response, answer);
}

async function sendWhole(response: ServerResponse, { status, headers, body }: Answer): Promise<void> {
  response.writeHead(status, { ...headers, "content-length": body.length });
  response.end(body);
  await gone(response);
}

/** Sends the first bytes of an answer whose content-length promises more, then ends the connection. */
async function sendCut(response: ServerResponse, answer: Answer, after: number): Promise<void> {
  const sent = answer.body.subarray(0, after);
  response.writeHead(answer.status, {
    ...answer.headers,
    "content-length": Math.max(answer.body.length, sent.length + 1),
  });
  response.flushHeaders();
  response.write(sent, () => response.socket?.end());
  await gone(response);
}

async function sendDripping(
  response: ServerResponse,
  { status, headers, body }: Answer,
  { everyMs, bytes = 1 }: Extract<Fault, { kind: "drip" }>,
): Promise<void> {
  response.writeHead(status, { ...headers, "content-length": body.length });
  for (let at = 0; at < body.length && !response.destroyed; at += bytes) {
    response.write(body.subarray(at, at + bytes));
    await sleep(everyMs);
  }
  response.end();
  await gone(response);
}

async function gone(response: ServerResponse): Promise<void> {
  // A connection that the client has closed before is no trouble of the server's.
  await finished(response).catch(() => {});
}
