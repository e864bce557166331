import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, expect, it } from "@jest/globals";
import { type EmbeddedDynamo, LOCAL_TABLE, startEmbeddedDynamo } from "../../../local/dynamodb/embedded-dynamodb.ts";

let dynamo: EmbeddedDynamo;
beforeEach(async () => {
  dynamo = await startEmbeddedDynamo();
});
afterEach(() => dynamo.close());

/** Sends ListTables with a wrong signature, which dynalite does not check. */
async function listTables(method: string, headers: Record<string, string>) {
  const sent = request(dynamo.url, {
    method,
    headers: {
      "content-type": "application/x-amz-json-1.0",
      "x-amz-target": "DynamoDB_20120810.ListTables",
      "x-amz-date": "20261123T100000Z",
      authorization:
        "AWS4-HMAC-SHA256 Credential=a/20261123/eu-central-1/dynamodb/aws4_request, SignedHeaders=host, Signature=b",
      ...headers,
    },
  });
  sent.end(method === "POST" ? "{}" : undefined);
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  return { status: response.statusCode, headers: response.headers, body: await text(response) };
}

it("answers a program on this machine", async () => {
  const { status, body } = await listTables("POST", {});

  expect(status).toBe(200);
  expect(JSON.parse(body)).toEqual({ TableNames: [LOCAL_TABLE] });
});

it.each(["OPTIONS", "POST"])("rejects a web page in a browser on this machine: %s", async (method) => {
  const { status, headers, body } = await listTables(method, {
    origin: "https://example.com",
    "access-control-request-method": "POST",
  });

  expect(status).toBe(403);
  expect(headers["access-control-allow-origin"]).toBeUndefined();
  expect(body).toBe("");
});
