import { ApiError } from "../domain/errors.ts";
import { redactTokens, singleLine } from "../domain/untrusted-text.ts";
import { parseBody } from "./json.ts";
import { type Decoder, decodeProblem, shapeProblems } from "./schema.ts";
import { apiSuggestedFix } from "./suggested-fixes.ts";

/** An answer, with its body as it came. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Uint8Array;
  /** Milliseconds since 1970, by our clock. */
  readonly receivedAt: number;
}

/**
 * The content of an answer.
 * @param where the request, as it is told in errors
 * @throws ApiError `api_<errorType>`; `api_redirect`; `api_empty_body`, `api_not_json`; `api_unexpected_shape`
 */
export function readAnswer<T>(answer: Answer, decode: Decoder<T>, where: string): T {
  const { status, headers } = answer;
  const fail = (code: string, what: string, givenId?: string | null) => {
    const correlationId = shortened(givenId || headerId(headers));
    const id = correlationId === undefined ? "" : ` (correlation id ${correlationId})`;
    const skew = describeClockSkew(answer);
    const message = `${where}: ${what.replace(/\.$/, "")}${id}.${skew && ` ${skew}`}`;
    const fix = `${skew && "Set this machine's clock. "}${apiSuggestedFix(code, status)}`;
    return new ApiError(code, status, message, { suggestedFix: fix, correlationId });
  };
  if (status >= 300 && status < 400) {
    throw fail("api_redirect", `HTTP ${status}, a redirect, which is never followed with the token`);
  }
  const body = parseBody(answer.body);
  const problem = status === 200 ? undefined : decodeProblem(body.value);
  if (problem !== undefined) {
    const { errorType, errorMessage, correlationId } = problem;
    throw fail(
      `api_${token(errorType)}`,
      `HTTP ${status} ${token(errorType)}: ${readable(errorMessage)}`,
      correlationId,
    );
  }
  const { flaw } = body;
  if (flaw !== undefined) throw fail(flaw.code, `HTTP ${status} with ${readable(flaw.what)}${contentType(headers)}`);
  if (status !== 200) throw fail("api_unexpected_shape", `HTTP ${status} with a body that is none of the API's`);
  try {
    return decode(body.value);
  } catch (thrown) {
    const problems = shapeProblems(thrown);
    if (problems === undefined) throw thrown;
    throw fail("api_unexpected_shape", `the answer is not of the documented shape: ${readable(problems)}`);
  }
}

/** A proxy in front of the API knows no errorType; the id by which it can be asked is in a header. */
function headerId(headers: Headers): string | null {
  return headers.get("x-correlation-id") ?? headers.get("cf-ray");
}

function shortened(id: string | null): string | undefined {
  return id === null ? undefined : readable(id, 100);
}

function contentType(headers: Headers): string {
  const type = headers.get("content-type");
  return type === null ? "" : `, content type ${readable(type)}`;
}

/** Returns the likeliest cause of a 401 from a server whose clock differs from ours; otherwise an empty string. */
function describeClockSkew({ status, headers, receivedAt }: Answer): string {
  const date = headers.get("date") ?? "";
  // An HTTP date ends with GMT. `Date.parse` alone accepts almost any text.
  const server = status === 401 && date.endsWith("GMT") ? Date.parse(date) : Number.NaN;
  const seconds = Math.round((receivedAt - server) / 1000);
  if (!(Math.abs(seconds) > 30)) return "";
  return `This machine's clock is ${Math.abs(seconds)} s ${seconds > 0 ? "ahead of" : "behind"} the server's.`;
}

/** An error type as part of a code: nothing but what error types are made of. */
function token(errorType: string): string {
  const made = errorType
    .toLowerCase()
    .replace(/[^a-z0-9_]/g, "_")
    .slice(0, 64);
  return made || "unnamed";
}

/** Returns text from the API on one line, without a token that it may repeat. */
function readable(text: string, maxLength = 300): string {
  return singleLine(redactTokens(text), maxLength);
}
