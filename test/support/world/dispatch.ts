import type { IncomingHttpHeaders, RequestListener, Server } from "node:http";
import { Readable, Writable } from "node:stream";

/** A request with its complete body. */
export interface Request {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Passes a request to a server of this process without a network. */
export function dispatch(server: Pick<Server, "listeners">, { method, url, headers, body }: Request): Promise<Answer> {
  const [listener] = server.listeners("request") as [RequestListener];
  const request = Object.assign(Readable.from([body]), { method, url, headers });
  return new Promise((resolve, reject) => {
    const response = new CapturedResponse(resolve).on("error", reject);
    listener(request as never, response as never);
  });
}

/** The part of ServerResponse that the servers use. */
class CapturedResponse extends Writable {
  statusCode = 200;
  readonly #headers: IncomingHttpHeaders = {};
  readonly #chunks: Buffer[] = [];
  readonly #onEnd: (answer: Answer) => void;

  constructor(onEnd: (answer: Answer) => void) {
    super();
    this.#onEnd = onEnd;
  }

  setHeader(name: string, value: unknown): this {
    this.#headers[name.toLowerCase()] = String(value);
    return this;
  }

  writeHead(status: number, headers: Record<string, unknown>): this {
    this.statusCode = status;
    for (const [name, value] of Object.entries(headers)) this.setHeader(name, value);
    return this;
  }

  override _write(chunk: Buffer, _encoding: unknown, done: () => void): void {
    this.#chunks.push(chunk);
    done();
  }

  override _final(done: () => void): void {
    done();
    this.#onEnd({ status: this.statusCode, headers: this.#headers, body: Buffer.concat(this.#chunks) });
  }
}
