import jsonata from "jsonata";

export type Fields = Readonly<Record<string, unknown>>;

/** An error as Step Functions reports it: its message is the cause. */
export class StatesError extends Error {
  readonly error: string;

  constructor(error: string, cause: string) {
    super(cause);
    this.error = error;
  }
}

/** https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
const MAX_BYTES = 256 * 1024;

/** Returns an object of a definition. @throws TypeError if a field is missing, or not among the given ones */
export function fieldsOf(what: string, value: unknown, required: string, optional = ""): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new TypeError(`${what}: not an object`);
  const names = Object.keys(value);
  const missing = required.split(" ").filter((name) => !names.includes(name));
  const unknown = names.filter((name) => !`${required} ${optional}`.split(" ").includes(name));
  if (missing.length > 0) throw new TypeError(`${what}: without ${missing.join(", ")}`);
  if (unknown.length > 0) throw new TypeError(`${what}: unknown fields ${unknown.join(", ")}`);
  return value as Fields;
}

/** Returns a value that one state passes to another. @throws StatesError if it is too large */
export function limited<T>(value: T, what: string): T {
  const bytes = Buffer.byteLength(JSON.stringify(value));
  if (bytes <= MAX_BYTES) return value;
  throw new StatesError("States.DataLimitExceeded", `${what} has ${bytes} bytes; at most ${MAX_BYTES} are allowed`);
}

const compiled = new Map<string, jsonata.Expression>();

/**
 * Evaluates every text between `{%` and `%}` in a value.
 * @param states the value of `$states`
 * @throws StatesError if an expression fails, or has no value
 */
export async function evaluate(value: unknown, states: Fields): Promise<unknown> {
  if (typeof value === "string") return value.startsWith("{%") ? evaluateText(value, states) : value;
  if (Array.isArray(value)) return Promise.all(value.map((part) => evaluate(part, states)));
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(value).map(async ([name, part]) => [name, await evaluate(part, states)]);
  return Object.fromEntries(await Promise.all(fields));
}

async function evaluateText(text: string, states: Fields): Promise<unknown> {
  const [, source = ""] = /^\{%(.+)%\}$/s.exec(text) ?? [];
  // Step Functions does not have it.
  if (source === "" || source.includes("$eval")) throw new TypeError(`not an expression: ${text}`);
  const expression = compiled.get(source) ?? jsonata(source);
  compiled.set(source, expression);
  let result: unknown;
  try {
    result = await expression.evaluate(undefined, { states });
  } catch (thrown) {
    throw new StatesError("States.QueryEvaluationError", `${source}: ${(thrown as Error).message}`);
  }
  if (result === undefined) throw new StatesError("States.QueryEvaluationError", `${source}: returned nothing`);
  return JSON.parse(JSON.stringify(result));
}
