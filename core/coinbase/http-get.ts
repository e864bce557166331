import { get as getByHttp } from "node:http";
import { get as getByHttps } from "node:https";
import { types } from "node:util";

/** A response with its unparsed body. */
export interface HttpResponse {
  readonly status: number;
  /** By lower-case name. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Uint8Array;
}

export interface HttpGetOptions {
  readonly headers: Readonly<Record<string, string>>;
  /** Time limit in milliseconds, from the start of the request to the end of the body. */
  readonly timeoutMs: number;
  /** A longer body is not read. */
  readonly maxBytes: number;
  readonly deadline: AbortSignal;
}

/** No response arrived within the time limit. */
export class TimeLimitError extends Error {}

/** The body is longer than the limit. */
export class BodyTooLargeError extends Error {
  /** Of the response. */
  readonly status: number;

  constructor(status: number) {
    super("The body is too large.");
    this.status = status;
  }
}

/** Why there was no response: DNS, TLS, or a connection. */
export interface ConnectionProblem {
  /** Such as `ECONNREFUSED`; empty if there is none. */
  readonly code: string;
  readonly reason: string;
}

/** Describes what `httpGet` throws about a connection. Of several addresses of a host, the first one counts. */
export function connectionProblem(thrown: unknown): ConnectionProblem {
  const error: unknown = thrown instanceof AggregateError ? thrown.errors[0] : thrown;
  if (!types.isNativeError(error)) return { code: "", reason: "the request failed" };
  const { message } = error;
  // The messages of OpenSSL begin with a thread's address; its reasons do not.
  const reason = "reason" in error ? error.reason : /:SSL routines:\w*:([^:]+)/.exec(message)?.[1];
  return {
    code: "code" in error && typeof error.code === "string" ? error.code : "",
    reason: typeof reason === "string" ? reason : message,
  };
}

/**
 * Sends a GET request and returns the response, whatever its status. It follows no redirect and asks for no compression.
 * `fetch` takes twice as much CPU time for the request of a page.
 * Connections are kept and shared by the global agents of Node.js, which also use the proxy of the environment.
 * @throws TimeLimitError, BodyTooLargeError, the reason of the deadline, or what Node.js reports about the connection
 */
export function httpGet(url: URL, { headers, timeoutMs, maxBytes, deadline }: HttpGetOptions): Promise<HttpResponse> {
  const get = url.protocol === "https:" ? getByHttps : getByHttp;
  return new Promise((resolve, reject) => {
    deadline.throwIfAborted();
    const request = get(url, { headers }, (response) => {
      const { statusCode: status = 0 } = response;
      const chunks: Buffer[] = [];
      let length = 0;
      response.on("data", (chunk: Buffer) => {
        length += chunk.length;
        if (length > maxBytes) fail(new BodyTooLargeError(status));
        else chunks.push(chunk);
      });
      response.on("error", fail);
      request.off("close", lose);
      response.on("close", lose);
      response.on("end", () => {
        stopWatching();
        const entries = Object.entries(response.headers).map(([name, value]) => [name, String(value)] as const);
        resolve({ status, headers: new Map(entries), body: Buffer.concat(chunks, length) });
      });
    });
    const fail = (error: unknown) => {
      stopWatching();
      reject(error);
      request.destroy();
    };
    const expire = () => fail(deadline.reason);
    const timer = setTimeout(() => fail(new TimeLimitError()), timeoutMs);
    deadline.addEventListener("abort", expire);
    const stopWatching = () => {
      clearTimeout(timer);
      deadline.removeEventListener("abort", expire);
    };
    request.on("error", fail);
    // Not every end of a connection is reported as an error, such as that after a response with status 101.
    const lose = () => fail(new Error("the connection was closed before the end of the response"));
    request.on("close", lose);
  });
}
