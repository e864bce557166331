import { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { suppressSdkVersionWarning } from "../../../local/sdk-version-warning.ts";
import { dispatch } from "./dispatch.ts";

// A request of the AWS SDK to a server of the same process takes twice as much processor time with a network as without.

/** The part of the SDK's requests that is used here. */
interface SdkRequest {
  readonly method: string;
  readonly port?: number;
  readonly path: string;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** What sends the requests of all clients. */
interface SdkHandler {
  handle(request: SdkRequest, options?: object): Promise<{ readonly response: object }>;
}

interface Shortcut {
  readonly server: Server;
  readonly isUsed: () => boolean;
}

const shortcuts = new Map<number | undefined, Shortcut>();

/**
 * Lets the clients of this process call a server without a network, until the server closes. The SDK's time limits and signals
 * to abort do not apply.
 * @param isUsed whether the next request does so. Default: always. A server that breaks connections needs them
 */
export function skipNetwork(url: string, server: Server, isUsed = () => true): void {
  const port = Number(new URL(url).port);
  shortcuts.set(port, { server, isUsed });
  server.once("close", () => shortcuts.delete(port));
}

/** Does the same for every server that starts from now on. @returns a function that ends this for later servers */
export function skipNetworkOfNewServers(): () => void {
  const { listen } = Server.prototype;
  Server.prototype.listen = function (this: Server, ...args: unknown[]) {
    this.once("listening", () => skipNetwork(`http://127.0.0.1:${(this.address() as AddressInfo).port}`, this));
    return listen.apply(this, args as Parameters<typeof listen>);
  };
  return () => {
    Server.prototype.listen = listen;
  };
}

suppressSdkVersionWarning();
// The SDK does not export this class.
const handler: SdkHandler = Object.getPrototypeOf(new DynamoDBClient({ region: "any" }).config.requestHandler);
const sendByNetwork = handler.handle;
handler.handle = async function (request, options) {
  const { method, port, path, query = {}, headers, body = "" } = request;
  const shortcut = shortcuts.get(port);
  const isPlain = path === "/" && Object.keys(query).length === 0;
  if (!isPlain || !shortcut?.isUsed()) return sendByNetwork.call(this, request, options);
  const { status, ...answer } = await dispatch(shortcut.server, {
    ...{ method, url: path, body: typeof body === "string" ? Buffer.from(body) : bytesOf(body) },
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
  });
  return { response: { statusCode: status, ...answer } };
};

/** Unlike `Buffer.from(bytes)`, this does not call `valueOf`, of which the SDK warns. */
const bytesOf = ({ buffer, byteOffset, byteLength }: Uint8Array) => Buffer.from(buffer, byteOffset, byteLength);
