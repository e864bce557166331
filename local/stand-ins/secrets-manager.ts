import { createServer } from "node:http";
import { closeServer, listenOnLoopback } from "../loopback-server.ts";

/**
 * Starts a stand-in for AWS Secrets Manager on 127.0.0.1. It answers every request like GetSecretValue, the only call that
 * the job makes. `url` is the value of `AWS_ENDPOINT_URL_SECRETS_MANAGER`.
 */
export async function startSecretsManager(secretText: string): Promise<{ url: string; close(): Promise<void> }> {
  const body = JSON.stringify({ SecretString: secretText, VersionStages: ["AWSCURRENT"] });
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(200, { "content-type": "application/x-amz-json-1.1" }).end(body);
  });
  return { url: await listenOnLoopback(server), close: () => closeServer(server) };
}
