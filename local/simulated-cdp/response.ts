import { randomBytes } from "node:crypto";

/** An HTTP answer before it is sent. */
export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
}

/** What an error says beside its status. What is left out is filled in as the API would. */
export interface ErrorDetails {
  errorType?: string;
  message?: string;
  correlationId?: string;
  /** Sent as it is in the header `Retry-After`. */
  retryAfter?: string;
}

/** Thrown anywhere while a request is handled; becomes an answer in the API's error shape. */
export class ApiError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = "ApiError";
    this.status = status;
  }
}

/** Every error type here is one of the schema `ErrorType`; it has none for 405, so that one is an invalid request too. */
const USUAL_ERROR_TYPES: Record<number, string> = {
  401: "unauthorized",
  403: "forbidden",
  404: "not_found",
  409: "account_not_ready",
  429: "rate_limit_exceeded",
  502: "bad_gateway",
  503: "service_unavailable",
  504: "timed_out",
};

/** Any content as an answer. */
export function contentAnswer(status: number, contentType: string, body: string | Buffer): Answer {
  return {
    status,
    headers: { "content-type": contentType },
    body: Buffer.from(body),
  };
}

/** A value as a JSON answer. */
export function jsonAnswer(status: number, value: unknown): Answer {
  return contentAnswer(status, "application/json", JSON.stringify(value));
}

/** An error in the API's shape: `{errorType, errorMessage, correlationId, errorLink}`. */
export function errorAnswer(status: number, details: ErrorDetails = {}): Answer {
  const errorType =
    details.errorType ?? USUAL_ERROR_TYPES[status] ?? (status < 500 ? "invalid_request" : "internal_server_error");
  const answer = jsonAnswer(status, {
    errorType,
    errorMessage: details.message ?? `Simulated ${errorType}.`,
    // The form of the OpenAPI document's example, 41deb8d59a9dc9a7-IAD: a ray and an airport.
    correlationId: details.correlationId ?? `${randomBytes(8).toString("hex")}-IAD`,
    errorLink: `https://docs.cdp.coinbase.com/api-reference/v2/errors#${errorType.replaceAll("_", "-")}`,
  });
  if (details.retryAfter !== undefined) answer.headers["retry-after"] = details.retryAfter;
  return answer;
}
