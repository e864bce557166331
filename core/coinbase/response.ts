import { ApiError } from "../domain/errors.ts";
import { redactTokens, singleLine } from "../domain/untrusted-text.ts";
import type { Decoder } from "./decode.ts";
import type { HttpResponse } from "./http-get.ts";
import { parseBody } from "./json.ts";
import { decodeProblem } from "./schema.ts";
import { apiSuggestedFix, CODES_WITH_FIX, type SettingNames } from "./suggested-fixes.ts";

/** A response with its unparsed body. */
export interface ApiResponse extends HttpResponse {
  /** Milliseconds since 1970, by this machine's clock. */
  readonly receivedAt: number;
}

/** The documented status of each error type, for an error that arrives with status 200. */
const STATUS_OF_TYPE: ReadonlyMap<string, number> = new Map([
  ["invalid_request", 400],
  ["unauthorized", 401],
  ["forbidden", 403],
  ["not_found", 404],
  ["account_not_ready", 409],
  ["rate_limit_exceeded", 429],
  ["internal_server_error", 500],
  ["bad_gateway", 502],
  ["service_unavailable", 503],
  ["endpoint_unavailable", 503],
  ["timed_out", 504],
]);

/** The codes of ApiErrors, except those of error types that the API does not document: these can be any text. */
export const KNOWN_API_CODES: ReadonlySet<string> = new Set([
  ...CODES_WITH_FIX,
  ...[...STATUS_OF_TYPE.keys()].map((type) => `api_${type}`),
]);

const MAX_MESSAGE_LENGTH = 300;
const MAX_ID_LENGTH = 100;
const MAX_ERROR_TYPE_LENGTH = 64;
/** A smaller difference between two clocks does not make the API reject a token. */
const CLOCK_SKEW_LIMIT_S = 30;

/**
 * Returns the decoded content of a response.
 * @param where the request, as in `GET /platform/v2/accounts`, for error messages
 * @param names how suggested fixes name settings; default: those of the function
 * @throws ApiError `api_<errorType>`, `api_redirect`, `api_empty_body`, `api_not_json` or `api_unexpected_shape`
 */
export function readResponse<T>(response: ApiResponse, decode: Decoder<T>, where: string, names?: SettingNames): T {
  const { status, headers } = response;
  const fail = (code: string, what: string, idInBody?: string | null, statusOfError = status) => {
    const correlationId = correlationIdOf(headers, idInBody);
    const id = correlationId === undefined ? "" : ` (correlation id ${correlationId})`;
    const skew = describeClockSkew(response);
    const message = `${where}: ${what.replace(/\.$/, "")}${id}.${skew && ` ${skew}`}`;
    const suggestedFix = `${skew && "Set this machine's clock. "}${apiSuggestedFix(code, statusOfError, names, where)}`;
    return new ApiError(code, statusOfError, message, { suggestedFix, correlationId });
  };
  if (status >= 300 && status < 400) {
    throw fail("api_redirect", `HTTP ${status}, a redirect, which is never followed with the token`);
  }
  const { value, problem } = parseBody(response.body);
  const error = decodeProblem(value);
  if (error !== undefined) {
    const type = codeFrom(error.errorType);
    const what = `HTTP ${status} ${type}: ${readable(error.errorMessage)}`;
    throw fail(`api_${type}`, what, error.correlationId, status === 200 ? STATUS_OF_TYPE.get(type) : status);
  }
  if (problem !== undefined) {
    const properties = ["content-type", "content-encoding"].flatMap((name) => {
      const value = headers.get(name);
      return value === undefined ? [] : `, ${name.replace("-", " ")} ${readable(value)}`;
    });
    throw fail(problem.code, `HTTP ${status} with ${readable(problem.description)}${properties.join("")}`);
  }
  if (status !== 200) {
    throw fail("api_unexpected_shape", `HTTP ${status} with a body that is not one of the API's error bodies`);
  }
  const decoded = decode(value);
  if (decoded.problems === undefined) return decoded.value;
  throw fail(
    "api_unexpected_shape",
    `the response differs from the API's documentation: ${readable(decoded.problems)}`,
  );
}

/** A proxy between here and the API does not know the API's error body; its own id of the request is in a header. */
function correlationIdOf(headers: HttpResponse["headers"], idInBody?: string | null): string | undefined {
  const id = idInBody || (headers.get("x-correlation-id") ?? headers.get("cf-ray"));
  return id === undefined ? undefined : readable(id, MAX_ID_LENGTH);
}

/**
 * Describes the likeliest cause of a 401, a clock that differs from the server's; otherwise returns an empty string.
 */
function describeClockSkew({ status, headers, receivedAt }: ApiResponse): string {
  const date = headers.get("date") ?? "";
  // An HTTP date ends with GMT. `Date.parse` alone accepts almost any text.
  const serverTime = status === 401 && date.endsWith("GMT") ? Date.parse(date) : Number.NaN;
  const seconds = Math.round((receivedAt - serverTime) / 1000);
  if (Number.isNaN(seconds) || Math.abs(seconds) <= CLOCK_SKEW_LIMIT_S) return "";
  return `This machine's clock is ${Math.abs(seconds)} s ${seconds > 0 ? "ahead of" : "behind"} the server's.`;
}

/** Returns an error type with only the characters that the codes of errors have. */
function codeFrom(errorType: string): string {
  const code = errorType.toLowerCase().replace(/[^a-z0-9_]/g, "_");
  return code.slice(0, MAX_ERROR_TYPE_LENGTH) || "unnamed";
}

/** Returns text from the API on one line, without any token that it may repeat. */
function readable(text: string, maxLength = MAX_MESSAGE_LENGTH): string {
  return singleLine(redactTokens(text), maxLength);
}
