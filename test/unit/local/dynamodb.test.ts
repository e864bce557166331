import { afterEach, beforeEach, expect, it } from "@jest/globals";
import { type EmbeddedDynamo, LOCAL_TABLE, startEmbeddedDynamo } from "../../../local/dynamodb/embedded-dynamodb.ts";

let dynamo: EmbeddedDynamo;
beforeEach(async () => {
  dynamo = await startEmbeddedDynamo();
});
afterEach(() => dynamo.close());

/** Sends ListTables with a wrong signature, which dynalite does not check. */
function listTables(method: string, headers: Record<string, string>): Promise<Response> {
  const credential = "Credential=a/20261123/eu-central-1/dynamodb/aws4_request";
  const signed = {
    "content-type": "application/x-amz-json-1.0",
    "x-amz-target": "DynamoDB_20120810.ListTables",
    "x-amz-date": "20261123T100000Z",
    authorization: `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=host, Signature=b`,
  };
  return fetch(dynamo.url, { method, headers: { ...signed, ...headers }, body: method === "POST" ? "{}" : null });
}

it("answers a program on this machine", async () => {
  const response = await listTables("POST", {});

  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({ TableNames: [LOCAL_TABLE] });
});

it.each(["OPTIONS", "POST"])("rejects a web page in a browser on this machine: %s", async (method) => {
  const response = await listTables(method, { origin: "https://example.com", "access-control-request-method": "POST" });

  expect(response.status).toBe(403);
  expect(response.headers.get("access-control-allow-origin")).toBeNull();
  expect(await response.text()).toBe("");
});
