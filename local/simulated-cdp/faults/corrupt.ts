import { gzipSync } from "node:zlib";
import { ApiError, type ApiResponse } from "../response.ts";
import type { Fault } from "./fault.ts";

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
