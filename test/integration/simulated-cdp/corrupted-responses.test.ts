import { afterEach, describe, expect, it } from "@jest/globals";
import { account, close, fetchWithFault } from "./harness.ts";

afterEach(close);

const CORRECT = { balances: account(20).balances };
const CORRECT_TEXT = JSON.stringify(CORRECT);

describe("a corrupted response", () => {
  it("drips: arrives in pieces", async () => {
    const before = performance.now();

    const response = await fetchWithFault({ kind: "drip", everyMs: 5, bytes: 400 });

    const chunks: Uint8Array[] = [];
    for await (const chunk of response.body ?? []) chunks.push(chunk);
    expect(Buffer.concat(chunks).toString()).toBe(CORRECT_TEXT);
    expect(chunks.length).toBeGreaterThan(1);
    expect(performance.now() - before).toBeGreaterThan((4 * CORRECT_TEXT.length) / 400);
  });

  it("is compressed", async () => {
    const response = await fetchWithFault({ kind: "gzip", how: "whole" });

    expect(response.headers.get("content-encoding")).toBe("gzip");
    expect(await response.json()).toEqual(CORRECT);
  });

  it("is compressed and cut", async () => {
    const response = await fetchWithFault({ kind: "gzip", how: "cut" });

    const text = await response.text().catch(() => "");
    expect(CORRECT_TEXT.startsWith(text)).toBe(true);
    expect(text.length).toBeLessThan(CORRECT_TEXT.length);
  });

  it("claims to be compressed", async () => {
    const response = await fetchWithFault({ kind: "gzip", how: "claimed" });

    await expect(response.text()).rejects.toThrow("terminated");
  });

  it("is padded with spaces", async () => {
    const response = await fetchWithFault({ kind: "pad", bytes: 1000 });

    expect(await response.text()).toBe(CORRECT_TEXT + " ".repeat(1000));
  });

  it("has another content type", async () => {
    const response = await fetchWithFault({ kind: "mislabel", contentType: "text/plain" });

    expect(response.headers.get("content-type")).toBe("text/plain");
    expect(await response.json()).toEqual(CORRECT);
  });

  it("has the first occurrence of a text replaced", async () => {
    const response = await fetchWithFault({ kind: "replace", text: '"1.500"', by: '"2","x":"1.500"' });

    expect(await response.text()).toBe(CORRECT_TEXT.replace('"1.500"', '"2","x":"1.500"'));
  });

  it("has a text replaced by bytes that are not valid UTF-8", async () => {
    const response = await fetchWithFault({ kind: "replace", text: "A00", by: Buffer.of(0xff) });

    expect(Buffer.from(await response.arrayBuffer()).includes(Buffer.from([0x22, 0xff, 0x22]))).toBe(true);
  });

  it("is an error if the text to replace does not occur", async () => {
    const response = await fetchWithFault({ kind: "replace", text: "nowhere", by: "" });

    expect(response.status).toBe(500);
    expect(await response.json()).toMatchObject({ errorMessage: expect.stringContaining("nowhere") });
  });
});
