import { createServer, type IncomingMessage } from "node:http";
import { closeServer, listenOnLoopback, readBody } from "../../local/loopback-server.ts";

/** An object that was stored. */
export interface StoredObject {
  /** `/bucket/key`, decoded. */
  readonly path: string;
  readonly text: string;
  readonly headers: IncomingMessage["headers"];
}

/** A running stand-in for S3. */
export interface StandInS3 {
  /** The value of `AWS_ENDPOINT_URL_S3`. */
  readonly url: string;
  readonly objects: StoredObject[];
  /** Requests other than PutObject: method and path. */
  readonly refused: string[];
  close(): Promise<void>;
}

/**
 * Starts a stand-in for S3 on 127.0.0.1. It implements PutObject with the header If-None-Match.
 * @param status returns an error status to send instead of storing the object, or undefined
 */
export async function startS3(status: () => number | undefined = () => undefined): Promise<StandInS3> {
  const server = createServer(async (request, response) => {
    const body = await readBody(request);
    const path = decodeURIComponent(new URL(request.url ?? "", "http://s3").pathname);
    const fail = (code: number, name: string) =>
      response.writeHead(code, { "content-type": "application/xml" }).end(`<Error><Code>${name}</Code></Error>`);
    const forced = status();
    if (forced !== undefined) return fail(forced, forced === 403 ? "AccessDenied" : "InternalError");
    if (request.method !== "PUT") {
      standIn.refused.push(`${request.method} ${path}`);
      return fail(501, "NotImplemented");
    }
    const exists = standIn.objects.some((object) => object.path === path);
    if (request.headers["if-none-match"] === "*" && exists) return fail(412, "PreconditionFailed");
    standIn.objects.push({ path, text: textOf(body, request), headers: request.headers });
    return response.writeHead(200, { etag: '"1"' }).end();
  });
  const standIn: StandInS3 = {
    url: await listenOnLoopback(server),
    objects: [],
    refused: [],
    close: () => closeServer(server),
  };
  return standIn;
}

/** Decodes a body. The SDK may send it as aws-chunked: each chunk is its length in hex, CRLF, the bytes, CRLF. */
function textOf(body: Buffer, { headers }: IncomingMessage): string {
  if (headers["content-encoding"] !== "aws-chunked") return body.toString();
  let [text, rest] = ["", body];
  for (;;) {
    const end = rest.indexOf("\r\n");
    const size = Number.parseInt(rest.subarray(0, end).toString(), 16);
    if (!(size > 0)) return text;
    text += rest.subarray(end + 2, end + 2 + size).toString();
    rest = rest.subarray(end + 2 + size + 2);
  }
}
