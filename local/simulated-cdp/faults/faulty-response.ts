import type { ServerResponse } from "node:http";
import { finished } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { ApiError, type ApiResponse, contentResponse, errorResponse } from "../response.ts";
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

/** Returns the response as the fault changes it, or unchanged if the fault does not affect the response's content. */
export function corrupt(fault: Fault | undefined, response: ApiResponse): ApiResponse {
  const { headers, body } = response;
  switch (fault?.kind) {
    case "cut":
      return fault.announced ? response : { ...response, body: body.subarray(0, fault.after) };
    case "gzip": {
      const compressed = gzipSync(body);
      const bodies = { whole: compressed, cut: compressed.subarray(0, compressed.length / 2), claimed: body };
      return { ...response, headers: { ...headers, "content-encoding": "gzip" }, body: bodies[fault.how] };
    }
    case "pad":
      return { ...response, body: Buffer.concat([body, Buffer.alloc(fault.bytes, " ")]) };
    case "mislabel":
      return { ...response, headers: { ...headers, "content-type": fault.contentType } };
    case "replace": {
      const start = body.indexOf(fault.text);
      if (start < 0) throw new ApiError(500, `Fault "replace": the response does not contain ${fault.text}.`);
      const rest = body.subarray(start + Buffer.byteLength(fault.text));
      return { ...response, body: Buffer.concat([body.subarray(0, start), Buffer.from(fault.by), rest]) };
    }
    default:
      return response;
  }
}

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
