import type { ServerResponse } from "node:http";
import { finished } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { ApiResponse } from "../response.ts";
import type { Fault } from "./fault.ts";

/** Sends a response the way a fault demands. Resolves when it has been handed to the network or the client has gone. */
export async function send(stream: ServerResponse, response: ApiResponse, fault?: Fault): Promise<void> {
  const { status, headers, body } = response;
  if (fault?.kind === "cut" && fault.announced) sendCut(stream, response, fault.after);
  else {
    stream.writeHead(status, { ...headers, "content-length": body.length });
    if (fault?.kind === "drip") await writeInPieces(stream, body, fault);
    stream.end(fault?.kind === "drip" ? "" : body);
  }
  // The client may close the connection early; that is not an error of the server.
  await finished(stream).catch(() => {});
}

/** Sends the first bytes of a body whose content-length promises more, then ends the connection. */
function sendCut(stream: ServerResponse, { status, headers, body }: ApiResponse, after: number): void {
  const sent = body.subarray(0, after);
  stream.writeHead(status, { ...headers, "content-length": Math.max(body.length, sent.length + 1) });
  stream.flushHeaders();
  stream.write(sent, () => stream.socket?.end());
}

async function writeInPieces(
  stream: ServerResponse,
  body: Buffer,
  { everyMs, bytes = 1 }: Extract<Fault, { kind: "drip" }>,
): Promise<void> {
  for (let start = 0; start < body.length && !stream.destroyed; start += bytes) {
    stream.write(body.subarray(start, start + bytes));
    await sleep(everyMs);
  }
}
