import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

/** An object that was put. */
export interface StoredObject {
  /** `/bucket/key`, decoded. */
  readonly path: string;
  readonly text: string;
  readonly headers: IncomingMessage["headers"];
}

export interface StandInS3 {
  /** For `AWS_ENDPOINT_URL_S3`. */
  readonly url: string;
  readonly objects: StoredObject[];
  /** What else came: method and path. */
  readonly refused: string[];
  close(): Promise<void>;
}

/**
 * Starts a stand-in for S3 on 127.0.0.1 that knows one call, PutObject, and its condition.
 * @param status answered in place of the work, if there is one
 */
export async function startS3(status: () => number | undefined = () => undefined): Promise<StandInS3> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const path = decodeURIComponent(new URL(request.url ?? "", "http://s3").pathname);
    const fail = (code: number, name: string) =>
      response.writeHead(code, { "content-type": "application/xml" }).end(`<Error><Code>${name}</Code></Error>`);
    const forced = status();
    if (forced !== undefined) return fail(forced, forced === 403 ? "AccessDenied" : "InternalError");
    if (request.method !== "PUT") {
      standIn.refused.push(`${request.method} ${path}`);
      return fail(501, "NotImplemented");
    }
    const isThere = standIn.objects.some((object) => object.path === path);
    if (request.headers["if-none-match"] === "*" && isThere) return fail(412, "PreconditionFailed");
    standIn.objects.push({ path, text: textOf(Buffer.concat(chunks), request), headers: request.headers });
    return response.writeHead(200, { etag: '"1"' }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const standIn: StandInS3 = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    objects: [],
    refused: [],
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
  return standIn;
}

/** The SDK sends a body as it is, or in chunks with a checksum after the last: a length in hex, a line end, so many bytes. */
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
