import type { IncomingMessage, Server, ServerResponse } from "node:http";

/** A request that a server received, and what it answered. */
export interface Exchange {
  readonly method: string;
  readonly path: string;
  /** The query string, without the question mark. */
  readonly search: string;
  readonly status: number;
  readonly contentType: string | undefined;
  readonly body: string;
}

/** Records what a server receives and answers, from now on. */
export function recordExchanges(server: Server): readonly Exchange[] {
  const exchanges: Exchange[] = [];
  server.prependListener("request", ({ method = "", url = "" }: IncomingMessage, response: ServerResponse) => {
    const [path = "", ...search] = url.split("?");
    const end = response.end.bind(response);
    response.end = (...args: unknown[]) => {
      const { statusCode: status } = response;
      const body = String(args[0] ?? "");
      const contentType = response.getHeader("content-type")?.toString();
      exchanges.push({ method, path, search: search.join("?"), status, contentType, body });
      return end(...(args as []));
    };
  });
  return exchanges;
}
