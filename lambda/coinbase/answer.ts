import { ApiError } from "../domain/errors.ts";
import { type Decoder, decodeProblem, shapeProblems } from "./schema.ts";

/** An answer, with its body as it came. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Uint8Array;
  /** Milliseconds since 1970, by our clock. */
  readonly receivedAt: number;
}

/** What a client knows of a 401, a 403 and a 404 that the API's own message does not say. */
const REMEDIES: Readonly<Record<number, string>> = {
  401:
    "The key may be revoked or rotated (put the new one into the secret), its IP allowlist may not name this " +
    "machine's address, or a clock may be off.",
  403: "Give the key the permission accounts:read@entity in the portal.",
  404: "Check the account id, and that the key belongs to the project that may see the account.",
};

/**
 * The content of an answer.
 * @param where the request, as it is told in errors
 * @throws ApiError `api_<errorType>`; `api_redirect`; `api_empty_body`, `api_not_json`; `api_unexpected_shape`
 */
export function readAnswer<T>(answer: Answer, decode: Decoder<T>, where: string): T {
  const { status, headers } = answer;
  const fail = (code: string, what: string, givenId?: string | null) => {
    const correlationId = shortened(givenId ?? headerId(headers));
    const id = correlationId === undefined ? "" : ` (correlation id ${correlationId})`;
    const remedy = REMEDIES[status] === undefined ? "" : ` ${REMEDIES[status]}`;
    const told = `${where}: ${what.replace(/\.$/, "")}${id}.`;
    return new ApiError(code, status, `${told}${remedy}${skew(answer)}`, { correlationId });
  };
  if (status >= 300 && status < 400) {
    throw fail("api_redirect", `HTTP ${status}, a redirect, which is never followed with the token`);
  }
  const body = parse(answer.body);
  const problem = status === 200 ? undefined : decodeProblem(body.value);
  if (problem !== undefined) {
    const { errorType, errorMessage, correlationId } = problem;
    throw fail(
      `api_${token(errorType)}`,
      `HTTP ${status} ${token(errorType)}: ${readable(errorMessage)}`,
      correlationId,
    );
  }
  if (body.fault !== undefined) throw fail(body.fault, `HTTP ${status} with ${body.what}${contentType(headers)}`);
  if (status !== 200) throw fail("api_unexpected_shape", `HTTP ${status} with a body that is none of the API's`);
  try {
    return decode(body.value);
  } catch (thrown) {
    const problems = shapeProblems(thrown);
    if (problems === undefined) throw thrown;
    throw fail("api_unexpected_shape", `the answer is not of the documented shape: ${readable(problems)}`);
  }
}

type Parsed = { value: unknown; fault?: undefined } | { value?: undefined; fault: string; what: string };

function parse(bytes: Uint8Array): Parsed {
  if (bytes.length === 0) return { fault: "api_empty_body", what: "an empty body" };
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return { value: JSON.parse(text, refuseProto) };
  } catch (thrown) {
    if (thrown instanceof UnkeepableKey) return { fault: "api_unexpected_shape", what: "a key __proto__ in its body" };
    // The parser's own message quotes the body: not for a log.
    return {
      fault: "api_not_json",
      what: `a body of ${bytes.length} bytes that is no (or cut) JSON`,
    };
  }
}

class UnkeepableKey extends Error {}

/** As a key, `__proto__` would be lost without a word on the way into the table: an asset of that name is refused. */
function refuseProto(key: string, value: unknown): unknown {
  if (key === "__proto__") throw new UnkeepableKey();
  return value;
}

/** A proxy in front of the API knows no errorType; the id by which it can be asked is in a header. */
function headerId(headers: Headers): string | null {
  return headers.get("x-correlation-id") ?? headers.get("cf-ray");
}

function shortened(id: string | null): string | undefined {
  return id === null ? undefined : readable(id).slice(0, 100);
}

function contentType(headers: Headers): string {
  const type = headers.get("content-type");
  return type === null ? "" : `, content type ${readable(type)}`;
}

/** A 401 whose server's clock differs from ours tells the likeliest cause. */
function skew({ status, headers, receivedAt }: Answer): string {
  const server = status === 401 ? Date.parse(headers.get("date") ?? "") : Number.NaN;
  const seconds = Math.round((receivedAt - server) / 1000);
  return Math.abs(seconds) > 30 ? ` This machine's clock is ${seconds} s off the server's: set it.` : "";
}

/** An error type as part of a code: nothing but what error types are made of. */
function token(errorType: string): string {
  return errorType
    .toLowerCase()
    .replace(/[^a-z0-9_]/g, "_")
    .slice(0, 64);
}

/** A text from outside in one readable line, without any token that it may repeat. */
function readable(text: string): string {
  return text
    .replace(/[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g, "[token]")
    .replace(/\s+/g, " ")
    .slice(0, 300);
}
