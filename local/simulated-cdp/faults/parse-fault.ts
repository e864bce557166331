import { ACCOUNT_ID } from "../wire.ts";
import type { Fault, FaultAction, FaultScope } from "./fault.ts";
import { FaultFields, withoutUndefined } from "./fault-fields.ts";

const KINDS = [
  "error",
  "html",
  "empty",
  "hang",
  "reset",
  "cut",
  "drip",
  "gzip",
  "pad",
  "mislabel",
  "replace",
  "repeat-token",
  "empty-token",
  "reorder",
  "redirect",
  "body",
  "slow",
] as const satisfies readonly FaultAction["kind"][];

/**
 * Parses a fault from the command line, such as `kind=error,status=503,account=account_…,page=2,times=3`.
 * A value may contain commas, unless the text after a comma looks like the next `key=`.
 * @throws Error that names the wrong key or value and lists the valid ones
 */
export function parseFault(text: string): Fault {
  const fields = new FaultFields(text);
  const kind = KINDS.find((name) => name === fields.text("kind"));
  if (kind === undefined) {
    const problem = fields.has("kind") ? `"${fields.text("kind")}" is not a valid kind of fault` : '"kind" is missing';
    throw new Error(`${problem}. Expected one of ${KINDS.join(", ")}.`);
  }
  const on = withoutUndefined({
    account: fields.text("account", ACCOUNT_ID),
    page: fields.integer("page", 1),
    path: fields.text("path"),
  });
  const scope: FaultScope = withoutUndefined({
    on: Object.keys(on).length > 0 ? on : undefined,
    times: fields.integer("times", 1),
  });
  const fault: Fault = { ...scope, ...parseAction(kind, fields) };
  fields.rejectUnknownKeys(kind);
  return fault;
}

function parseAction(kind: FaultAction["kind"], fields: FaultFields): FaultAction {
  const status = () => fields.integer("status", 200, 599);
  switch (kind) {
    case "error": {
      const details = withoutUndefined({
        errorType: fields.text("errorType"),
        message: fields.text("message"),
        correlationId: fields.text("correlationId"),
        retryAfter: fields.text("retryAfter"),
      });
      return { kind, status: fields.required("status", status()), ...details };
    }
    case "html":
    case "empty":
      return { kind, ...withoutUndefined({ status: status() }) };
    case "cut": {
      const after = fields.required("after", fields.integer("after", 0));
      const announced = fields.required("announced", fields.oneOf("announced", ["true", "false"]));
      return { kind, after, announced: announced === "true" };
    }
    case "drip": {
      const everyMs = fields.required("everyMs", fields.integer("everyMs", 0));
      return { kind, everyMs, ...withoutUndefined({ bytes: fields.integer("bytes", 1) }) };
    }
    case "gzip":
      return { kind, how: fields.required("how", fields.oneOf("how", ["whole", "cut", "claimed"])) };
    case "pad":
      return { kind, bytes: fields.required("bytes", fields.integer("bytes", 0)) };
    case "mislabel":
      return { kind, contentType: fields.required("contentType", fields.text("contentType")) };
    case "replace": {
      const text = fields.required("text", fields.text("text", /./));
      return { kind, text, by: fields.required("by", fields.text("by")) };
    }
    case "redirect":
      return { kind, location: fields.required("location", fields.text("location")) };
    case "body": {
      const body = fields.required("body", fields.text("body"));
      return { kind, body, ...withoutUndefined({ status: status(), contentType: fields.text("contentType") }) };
    }
    case "slow":
      return { kind, ms: fields.required("ms", fields.integer("ms", 0)) };
    default:
      return { kind };
  }
}
