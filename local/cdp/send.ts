import type { ServerResponse } from "node:http";
import { finished } from "node:stream/promises";
import type { Answer } from "./answer.ts";

/** Sends an answer whole, and returns when it was handed to the network or the client has gone. */
export async function send(response: ServerResponse, { status, headers, body }: Answer): Promise<void> {
  response.writeHead(status, { ...headers, "content-length": body.length });
  response.end(body);
  await gone(response);
}

/** Sends the first bytes of an answer whose content-length promises more, then ends the connection. */
export async function sendCut(response: ServerResponse, answer: Answer, after: number): Promise<void> {
  const sent = answer.body.subarray(0, after);
  response.writeHead(answer.status, {
    ...answer.headers,
    "content-length": Math.max(answer.body.length, sent.length + 1),
  });
  response.flushHeaders();
  response.write(sent, () => response.socket?.end());
  await gone(response);
}

async function gone(response: ServerResponse): Promise<void> {
  // A connection that the client has closed before is no trouble of the server's.
  await finished(response).catch(() => {});
}
