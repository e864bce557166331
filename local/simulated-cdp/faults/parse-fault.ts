import { ACCOUNT_ID } from "../wire.ts";
import type { Fault, FaultAction } from "./fault.ts";
import { FaultFields } from "./fault-fields.ts";

type Kind = FaultAction["kind"];
type ActionFields<K extends Kind> = Omit<Extract<FaultAction, { kind: K }>, "kind">;

/** Reads the fields of each kind of fault. */
const ACTIONS: { readonly [K in Kind]: (fields: FaultFields) => ActionFields<K> } = {
  error: (fields) => ({
    status: fields.required("status", statusOf(fields)),
    errorType: fields.text("errorType"),
    message: fields.text("message"),
    correlationId: fields.text("correlationId"),
    retryAfter: fields.text("retryAfter"),
  }),
  html: (fields) => ({ status: statusOf(fields) }),
  empty: (fields) => ({ status: statusOf(fields) }),
  hang: () => ({}),
  reset: () => ({}),
  cut: (fields) => ({
    after: fields.required("after", fields.integer("after", 0)),
    announced: fields.required("announced", fields.oneOf("announced", ["true", "false"])) === "true",
  }),
  drip: (fields) => ({
    everyMs: fields.required("everyMs", fields.integer("everyMs", 0)),
    bytes: fields.integer("bytes", 1),
  }),
  gzip: (fields) => ({ how: fields.required("how", fields.oneOf("how", ["whole", "cut", "claimed"])) }),
  pad: (fields) => ({ bytes: fields.required("bytes", fields.integer("bytes", 0)) }),
  mislabel: (fields) => ({ contentType: fields.required("contentType", fields.text("contentType")) }),
  replace: (fields) => ({
    text: fields.required("text", fields.text("text", /./)),
    by: fields.required("by", fields.text("by")),
  }),
  "repeat-token": () => ({}),
  "empty-token": () => ({}),
  reorder: () => ({}),
  redirect: (fields) => ({ location: fields.required("location", fields.text("location")) }),
  body: (fields) => ({
    body: fields.required("body", fields.text("body")),
    status: statusOf(fields),
    contentType: fields.text("contentType"),
  }),
  slow: (fields) => ({ ms: fields.required("ms", fields.integer("ms", 0)) }),
};

const KINDS = Object.keys(ACTIONS) as Kind[];

/**
 * Parses a fault from the command line, such as `kind=error,status=503,account=account_…,page=2,times=3`.
 * A value may contain commas, unless the text after a comma looks like the next `key=`.
 * @throws Error that names the wrong key or value and lists the valid ones
 */
export function parseFault(text: string): Fault {
  const fields = new FaultFields(text);
  const given = fields.text("kind");
  const kind = KINDS.find((name) => name === given);
  if (kind === undefined) {
    const problem = given === undefined ? '"kind" is missing' : `"${given}" is not a valid kind of fault`;
    throw new Error(`${problem}. Expected one of ${KINDS.join(", ")}.`);
  }
  const on = {
    account: fields.text("account", ACCOUNT_ID),
    page: fields.integer("page", 1),
    path: fields.text("path"),
  };
  const isLimited = Object.values(on).some((value) => value !== undefined);
  const scope = { ...(isLimited && { on }), times: fields.integer("times", 1) };
  const fault = { ...scope, kind, ...ACTIONS[kind](fields) } as Fault;
  fields.rejectUnknownKeys(kind);
  return fault;
}

function statusOf(fields: FaultFields): number | undefined {
  return fields.integer("status", 200, 599);
}
