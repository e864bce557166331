import type { ServerResponse } from "node:http";
import { finished } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { type ApiResponse, contentResponse, errorResponse } from "../response.ts";
import type { Fault } from "./fault.ts";

/** Returns the response that the fault sends instead of the correct one, or undefined if it does not replace the response. */
export function substituteResponse(fault: Fault | undefined): ApiResponse | undefined {
  switch (fault?.kind) {
    case "error":
      return errorResponse(fault.status, fault);
    case "html":
      return contentResponse(fault.status ?? 502, "text/html", "<html><body><h1>Bad gateway</h1></body></html>");
    case "empty":
      return { status: 200, headers: {}, body: Buffer.alloc(0) };
    case "redirect":
      return { status: 302, headers: { location: fault.location }, body: Buffer.alloc(0) };
    case "body":
      return contentResponse(fault.status ?? 200, fault.contentType ?? "application/json", fault.body);
    default:
      return undefined;
  }
}

/** Sends a response the way a fault demands. Resolves when it has been handed to the network or the client has gone. */
export async function send(stream: ServerResponse, response: ApiResponse, fault?: Fault): Promise<void> {
  const { status, headers, body } = response;
  if (fault?.kind === "cut") sendCut(stream, response, fault.after);
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
