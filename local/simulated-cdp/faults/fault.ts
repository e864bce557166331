import { ACCOUNT_ID } from "../wire.ts";
import { defined, Fields } from "./fields.ts";

/** Which requests a fault strikes, and how often. */
interface Strike {
  /** All of what is given must fit; nothing given fits every request. A path that is a string must be contained. */
  on?: { account?: string; page?: number; path?: RegExp | string };
  /** How many requests it strikes before it is gone. Default: for ever. */
  times?: number;
}

/** What can go wrong. */
type Trouble =
  /** An error in the API's own shape; what is left out is what the status usually comes with. */
  | {
      kind: "error";
      status: number;
      errorType?: string;
      message?: string;
      correlationId?: string;
      retryAfter?: string;
    }
  /** A proxy's HTML page. Status: 502 by default. */
  | { kind: "html"; status?: number }
  /** No body at all. Status: 200 by default. */
  | { kind: "empty"; status?: number }
  /** The request is accepted and never answered. */
  | { kind: "hang" }
  /** The socket is destroyed without an answer. */
  | { kind: "reset" }
  /**
   * The body ends after some bytes. Announced: the content-length is that of the whole, and the connection ends
   * too early. Not announced: well-formed HTTP, whose JSON text is cut.
   */
  | { kind: "cut"; after: number; announced: boolean }
  /** The body comes drop by drop, of a byte by default, with a pause of so many ms after each. */
  | { kind: "drip"; everyMs: number; bytes?: number }
  /**
   * The right answer, compressed: whole; cut in its middle, in well-formed HTTP; or not at all, though the header
   * Content-Encoding says so.
   */
  | { kind: "gzip"; how: "whole" | "cut" | "claimed" }
  /** The right answer, followed by so many spaces, which are JSON too. */
  | { kind: "pad"; bytes: number }
  /** The right answer under another content type. */
  | { kind: "mislabel"; contentType: string }
  /** In the right answer, the first such text is replaced. Bytes need not be text. */
  | { kind: "replace"; text: string; by: string | Buffer }
  /** The next page's token is the one that was asked with, so that a walk never ends. */
  | { kind: "repeat-token" }
  /** The last page has `nextPageToken: ""`, which the API may do at any time, instead of leaving it out. */
  | { kind: "empty-token" }
  /** The list is in reverse for the page `on.page` and all later ones, as if prices moved between two pages. */
  | { kind: "reorder" }
  /** A redirection (302). */
  | { kind: "redirect"; location: string }
  /** Anything at all. Status 200 and application/json by default. */
  | {
      kind: "body";
      body: string | Buffer;
      status?: number;
      contentType?: string;
    }
  /** Latency in ms, in addition to the server's own. */
  | { kind: "slow"; ms: number };

/** One way in which the simulated API misbehaves. */
export type Fault = Strike & Trouble;

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
] as const satisfies readonly Trouble["kind"][];

/**
 * Reads a fault from a command line, such as `kind=error,status=503,account=account_…,page=2,times=3`.
 * A value may have commas in it, unless what follows looks like the next `key=`.
 * Throws an Error that names the wrong key or value and lists what is possible.
 */
export function parseFault(text: string): Fault {
  const fields = new Fields(text);
  const kind = KINDS.find((name) => name === fields.text("kind"));
  if (kind === undefined) throw new Error(`${fields.quote("kind")}: possible are ${KINDS.join(", ")}`);
  const on = defined({
    account: fields.text("account", ACCOUNT_ID),
    page: fields.integer("page", 1),
    path: fields.text("path"),
  });
  const strike: Strike = defined({
    on: Object.keys(on).length > 0 ? on : undefined,
    times: fields.integer("times", 1),
  });
  const fault: Fault = { ...strike, ...readTrouble(kind, fields) };
  fields.refuseUnread(kind);
  return fault;
}

function readTrouble(kind: Trouble["kind"], fields: Fields): Trouble {
  const status = () => fields.integer("status", 200, 599);
  switch (kind) {
    case "error": {
      const details = defined({
        errorType: fields.text("errorType"),
        message: fields.text("message"),
        correlationId: fields.text("correlationId"),
        retryAfter: fields.text("retryAfter"),
      });
      return { kind, status: fields.needed("status", status()), ...details };
    }
    case "html":
    case "empty":
      return { kind, ...defined({ status: status() }) };
    case "cut": {
      const after = fields.needed("after", fields.integer("after", 0));
      return {
        kind,
        after,
        announced: fields.needed("announced", fields.text("announced", /^(true|false)$/)) === "true",
      };
    }
    case "drip":
      return {
        kind,
        everyMs: fields.needed("everyMs", fields.integer("everyMs", 0)),
        ...defined({ bytes: fields.integer("bytes", 1) }),
      };
    case "gzip": {
      const how = fields.needed("how", fields.text("how", /^(whole|cut|claimed)$/));
      return { kind, how: how as "whole" | "cut" | "claimed" };
    }
    case "pad":
      return { kind, bytes: fields.needed("bytes", fields.integer("bytes", 0)) };
    case "mislabel":
      return { kind, contentType: fields.needed("contentType", fields.text("contentType")) };
    case "replace":
      return {
        kind,
        text: fields.needed("text", fields.text("text", /./)),
        by: fields.needed("by", fields.text("by")),
      };
    case "redirect":
      return {
        kind,
        location: fields.needed("location", fields.text("location")),
      };
    case "body": {
      const more = defined({
        status: status(),
        contentType: fields.text("contentType"),
      });
      return {
        kind,
        body: fields.needed("body", fields.text("body")),
        ...more,
      };
    }
    case "slow":
      return { kind, ms: fields.needed("ms", fields.integer("ms", 0)) };
    default:
      return { kind };
  }
}
