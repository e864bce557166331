import { expect, it } from "@jest/globals";
import { startEmbeddedDynamo } from "../../../local/dynamodb/embedded-dynamodb.ts";

it.each(["OPTIONS", "POST"])("rejects a web page in a browser on this machine: %s", async (method) => {
  const dynamo = await startEmbeddedDynamo();
  const headers = { origin: "https://example.com", "access-control-request-method": "POST" };

  const response = await fetch(dynamo.url, { method, headers });

  expect(response.status).toBe(403);
  expect(response.headers.get("access-control-allow-origin")).toBeNull();
  expect(await response.text()).toBe("");
  await dynamo.close();
});
