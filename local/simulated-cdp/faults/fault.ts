import type { RequestTarget } from "../request-target.ts";
import type { ApiResponse, ErrorDetails } from "../response.ts";

/** Which requests a fault applies to, and how often. */
export interface FaultScope {
  /** Every given field must match; without fields, every request matches. A string `path` matches as a substring. */
  on?: { account?: string | undefined; page?: number | undefined; path?: RegExp | string | undefined };
  /** How many requests the fault applies to before it is removed. Default: no limit. */
  times?: number | undefined;
}

/** What the simulated API does wrong. */
export type FaultAction =
  /** Sends an error in the API's shape. Fields that are left out get the defaults of the status. */
  | ({ kind: "error"; status: number } & ErrorDetails)
  /** Sends an HTML page, as a proxy does. Default status: 502. */
  | { kind: "html"; status?: number | undefined }
  /** Sends no body, with status 200. */
  | { kind: "empty" }
  /** Accepts the request and never answers. */
  | { kind: "hang" }
  /** Destroys the socket without an answer. */
  | { kind: "reset" }
  /** Ends the connection after the first `after` bytes of the body. The content-length is that of the whole body. */
  | { kind: "cut"; after: number }
  /** Sends the body in pieces of `bytes` bytes (default: 1), with a pause after each. */
  | { kind: "drip"; everyMs: number; bytes?: number | undefined }
  /** Changes the correct response. The content-length is that of the new body. */
  | { kind: "change"; change: (response: ApiResponse, target: RequestTarget) => Partial<ApiResponse> }
  /** Returns the request's page token as the next one, so that a walk never ends. */
  | { kind: "repeat-token" }
  /** Sends `nextPageToken: ""` on the last page instead of leaving it out. The API may do either. */
  | { kind: "empty-token" }
  /** Reverses the list for page `on.page` and all later pages, as if prices had moved between two pages. */
  | { kind: "reorder" }
  /** Redirects with status 302. */
  | { kind: "redirect"; location: string }
  /** Sends the given body. Defaults: status 200, application/json. */
  | { kind: "body"; body: string | Buffer; status?: number | undefined; contentType?: string | undefined };

export type Fault = FaultScope & FaultAction;
