import { gzipSync } from "node:zlib";
import { type Answer, ApiError } from "../response.ts";
import type { Fault } from "./fault.ts";

/** What is sent in place of the right answer, where a fault changes it; otherwise the answer itself. */
export function corrupt(fault: Fault | undefined, answer: Answer): Answer {
  const { headers, body } = answer;
  switch (fault?.kind) {
    case "cut":
      return fault.announced ? answer : { ...answer, body: body.subarray(0, fault.after) };
    case "gzip": {
      const compressed = gzipSync(body);
      const sent = { whole: compressed, cut: compressed.subarray(0, compressed.length / 2), claimed: body };
      return { ...answer, headers: { ...headers, "content-encoding": "gzip" }, body: sent[fault.how] };
    }
    case "pad":
      return { ...answer, body: Buffer.concat([body, Buffer.alloc(fault.bytes, " ")]) };
    case "mislabel":
      return { ...answer, headers: { ...headers, "content-type": fault.contentType } };
    case "replace": {
      const at = body.indexOf(fault.text);
      if (at < 0) throw new ApiError(500, `A fault was to replace ${fault.text}, which is not in the answer.`);
      const rest = body.subarray(at + Buffer.byteLength(fault.text));
      return { ...answer, body: Buffer.concat([body.subarray(0, at), Buffer.from(fault.by), rest]) };
    }
    default:
      return answer;
  }
}
