import { createServer, type IncomingMessage, type Server } from "node:http";
import { closeServer, listenOnLoopback, readBody } from "../loopback-server.ts";

export interface StandInSecretsManager {
  /** The value of `AWS_ENDPOINT_URL_SECRETS_MANAGER`. */
  readonly url: string;
  readonly server: Server;
  close(): Promise<void>;
}

type Reply = { status: number; body: Record<string, unknown> };

/**
 * Starts a stand-in for AWS Secrets Manager on 127.0.0.1. It implements GetSecretValue, the only call the job makes.
 * @param secretText called for each request, so that a secret can be rotated. Returns `undefined` if the secret does not
 * exist or has no value
 */
export async function startSecretsManager(
  secretText: (secretId: string) => string | undefined,
): Promise<StandInSecretsManager> {
  const reply = async (request: IncomingMessage): Promise<Reply> => {
    const { SecretId = "" } = JSON.parse((await readBody(request)).toString() || "{}");
    if (request.headers["x-amz-target"] !== "secretsmanager.GetSecretValue")
      return failure("UnknownOperationException");
    const value = secretText(SecretId);
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
      const { status, body } = await reply(request);
      response.writeHead(status, { "content-type": "application/x-amz-json-1.1" }).end(JSON.stringify(body));
    } catch {
      request.socket.destroy();
    }
  });
  return { url: await listenOnLoopback(server), server, close: () => closeServer(server) };
}

function failure(type: string, message = ""): Reply {
  return { status: 400, body: { __type: type, message } };
}
