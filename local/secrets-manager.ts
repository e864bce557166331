import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";

export interface StandInSecretsManager {
  /** For `AWS_ENDPOINT_URL_SECRETS_MANAGER`. */
  readonly url: string;
  readonly server: Server;
  /** How often a secret was asked for. */
  reads: number;
  close(): Promise<void>;
}

type Answer = { status: number; body: Record<string, unknown> };

/**
 * Starts a stand-in for AWS Secrets Manager on 127.0.0.1: GetSecretValue, the one call that the job makes.
 * @param secretText asked at each request, so that a secret can be rotated: `undefined` for a secret without a value
 * (or for none at all), `DENIED` for one that the caller may not read
 * @param onRequest for tests of crashes: awaited when a request arrived; if it throws, the connection is reset
 */
export async function startSecretsManager(
  secretText: (secretId: string) => string | typeof DENIED | undefined,
  onRequest: () => void | Promise<void> = () => {},
): Promise<StandInSecretsManager> {
  const answer = async (request: IncomingMessage): Promise<Answer> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { SecretId = "" } = JSON.parse(Buffer.concat(chunks).toString() || "{}");
    if (request.headers["x-amz-target"] !== "secretsmanager.GetSecretValue")
      return failure("UnknownOperationException");
    standIn.reads++;
    const value = secretText(SecretId);
    if (value === DENIED) return failure("AccessDeniedException", "not authorized to perform GetSecretValue");
    if (value === undefined) {
      return failure(
        "ResourceNotFoundException",
        "Secrets Manager can't find the specified secret value for AWSCURRENT",
      );
    }
    return { status: 200, body: { Name: SecretId, SecretString: value, VersionStages: ["AWSCURRENT"] } };
  };
  const server = createServer(async (request, response) => {
    try {
      await onRequest();
      const { status, body } = await answer(request);
      response.writeHead(status, { "content-type": "application/x-amz-json-1.1" }).end(JSON.stringify(body));
    } catch {
      request.socket.destroy();
    }
  });
  // By default Node closes idle connections after 5 seconds, on a busy machine in the middle of a request.
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const standIn: StandInSecretsManager = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    server,
    reads: 0,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
  return standIn;
}

/** In place of a secret's value: the caller may not read it. */
export const DENIED = Symbol("denied");

function failure(type: string, message = ""): Answer {
  return { status: 400, body: { __type: type, message } };
}
