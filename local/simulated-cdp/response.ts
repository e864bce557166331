import { randomBytes } from "node:crypto";

/** An HTTP response before it is sent. */
export interface ApiResponse {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
}

/** The fields of an error response. Fields that are left out get the values the API would send. */
export interface ErrorDetails {
  errorType?: string | undefined;
  message?: string | undefined;
  correlationId?: string | undefined;
  /** The `Retry-After` header, sent unchanged. */
  retryAfter?: string | undefined;
}

/** Thrown while a request is handled; the server turns it into a response in the API's error shape. */
export class ApiError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = "ApiError";
    this.status = status;
  }
}

/** Default error types, all from the schema `ErrorType`. It defines none for 405, which is reported as an invalid request. */
const DEFAULT_ERROR_TYPES: Record<number, string> = {
  401: "unauthorized",
  403: "forbidden",
  404: "not_found",
  409: "account_not_ready",
  429: "rate_limit_exceeded",
  502: "bad_gateway",
  503: "service_unavailable",
  504: "timed_out",
};

export function contentResponse(status: number, contentType: string, body: string | Buffer): ApiResponse {
  return { status, headers: { "content-type": contentType }, body: Buffer.from(body) };
}

export function jsonResponse(status: number, value: unknown): ApiResponse {
  return contentResponse(status, "application/json", JSON.stringify(value));
}

/** Returns an error in the API's shape: `{errorType, errorMessage, correlationId, errorLink}`. */
export function errorResponse(status: number, details: ErrorDetails = {}): ApiResponse {
  const errorType =
    details.errorType ?? DEFAULT_ERROR_TYPES[status] ?? (status < 500 ? "invalid_request" : "internal_server_error");
  const response = jsonResponse(status, {
    errorType,
    errorMessage: details.message ?? `Simulated ${errorType}.`,
    // Same form as the OpenAPI document's example, 41deb8d59a9dc9a7-IAD: a ray id and an airport code.
    correlationId: details.correlationId ?? `${randomBytes(8).toString("hex")}-IAD`,
    errorLink: `https://docs.cdp.coinbase.com/api-reference/v2/errors#${errorType.replaceAll("_", "-")}`,
  });
  if (details.retryAfter !== undefined) response.headers["retry-after"] = details.retryAfter;
  return response;
}
