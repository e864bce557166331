import { afterEach, describe, expect, it } from "@jest/globals";
import type { Fault } from "../../../local/simulated-cdp/faults/fault.ts";
import { account, BALANCES, close, jwt, start } from "./harness.ts";

afterEach(close);

/** The page that an account of one asset has. */
const RIGHT = { balances: account(1).balances };

async function struck(fault: Fault): Promise<Response> {
  const { url, misbehave } = await start({ accounts: () => [account(1)] });
  misbehave(fault);
  return await fetch(url + BALANCES, { headers: { authorization: `Bearer ${jwt(url, BALANCES)}` } });
}

describe("the right answer", () => {
  it("comes drop by drop", async () => {
    const before = performance.now();

    const response = await struck({ kind: "drip", everyMs: 5, bytes: 20 });

    const chunks: Uint8Array[] = [];
    for await (const chunk of response.body ?? []) chunks.push(chunk);
    const { length } = JSON.stringify(RIGHT);
    expect(JSON.parse(Buffer.concat(chunks).toString())).toEqual(RIGHT);
    expect(chunks.length).toBeGreaterThan(1);
    expect(performance.now() - before).toBeGreaterThan((4 * length) / 20);
  });

  it("comes compressed", async () => {
    const response = await struck({ kind: "gzip", how: "whole" });

    expect(response.headers.get("content-encoding")).toBe("gzip");
    expect(await response.json()).toEqual(RIGHT);
  });

  it("comes compressed and cut", async () => {
    const response = await struck({ kind: "gzip", how: "cut" });

    const text = await response.text().catch(() => "");
    expect(JSON.stringify(RIGHT).startsWith(text)).toBe(true);
    expect(text.length).toBeLessThan(JSON.stringify(RIGHT).length);
  });

  it("is called compressed and is not", async () => {
    const response = await struck({ kind: "gzip", how: "claimed" });

    await expect(response.text()).rejects.toThrow("terminated");
  });

  it("has spaces behind it", async () => {
    const response = await struck({ kind: "pad", bytes: 1000 });

    expect(await response.text()).toBe(JSON.stringify(RIGHT) + " ".repeat(1000));
  });

  it("has another content type", async () => {
    const response = await struck({ kind: "mislabel", contentType: "text/plain" });

    expect(response.headers.get("content-type")).toBe("text/plain");
    expect(await response.json()).toEqual(RIGHT);
  });

  it("has something else in the place of the first such text", async () => {
    const response = await struck({ kind: "replace", text: '"1.500"', by: '"2","x":"1.500"' });

    expect(await response.text()).toBe(JSON.stringify(RIGHT).replace('"1.500"', '"2","x":"1.500"'));
  });

  it("has bytes in the place of a text that are none", async () => {
    const response = await struck({ kind: "replace", text: "A00", by: Buffer.of(0xff) });

    expect(Buffer.from(await response.arrayBuffer()).includes(Buffer.from([0x22, 0xff, 0x22]))).toBe(true);
  });

  it("is an error where there is nothing to replace", async () => {
    const response = await struck({ kind: "replace", text: "nowhere", by: "" });

    expect(response.status).toBe(500);
    expect(await response.json()).toMatchObject({ errorMessage: expect.stringContaining("nowhere") });
  });
});
