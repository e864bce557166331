import { afterEach, describe, expect, it } from "@jest/globals";
import { KeyError } from "../../../core/domain/errors.ts";
import { makeEd25519Key } from "../../support/keys.ts";
import { closeServers, errorOf, get, key, startFaultyApi, testClock } from "./harness.ts";

afterEach(closeServers);

describe("a key that the API rejects", () => {
  const next = makeEd25519Key();

  it("is replaced at once if the secret has a new one", async () => {
    let secret = key.file;
    const known = [key, next];
    const { api, clock, statuses } = await startFaultyApi([], { secret: () => secret, keys: () => known });
    await get(api);
    api.server.requests.length = 0;
    secret = next.file;
    known.splice(0, 1);

    const page = await get(api);

    expect(page.items).toHaveLength(20);
    expect(statuses()).toEqual([401, 200]);
    expect(api.secretReads()).toBe(2);
    expect(clock.slept).toEqual([]);
  });

  it("is replaced on the last attempt too", async () => {
    let reads = 0;
    const { api, statuses } = await startFaultyApi([], {
      secret: () => (reads++ === 0 ? key.file : next.file),
      keys: () => [next],
      settings: { maxAttempts: 1 },
    });

    await get(api);

    expect(statuses()).toEqual([401, 200]);
  });

  it("fails the request if the secret still has the same key", async () => {
    const { api, statuses } = await startFaultyApi([], { keys: () => [next] });

    const error = await errorOf(get(api));

    expect(error).toMatchObject({ code: "api_unauthorized", status: 401 });
    expect(statuses()).toEqual([401]);
    expect(api.secretReads()).toBe(2);
  });

  it("fails the request if the new key is rejected too", async () => {
    let reads = 0;
    const secret = () => (reads++ === 0 ? key.file : makeEd25519Key().file);
    const { api, statuses } = await startFaultyApi([], { secret, keys: () => [] });

    const error = await errorOf(get(api));

    expect(error).toMatchObject({ code: "api_unauthorized" });
    expect(statuses()).toEqual([401, 401]);
    expect(api.secretReads()).toBe(2);
  });

  it("is replaced with one read of the secret for many concurrent requests", async () => {
    let reads = 0;
    const { api } = await startFaultyApi([], {
      secret: () => (reads++ === 0 ? key.file : next.file),
      keys: () => [next],
    });

    const pages = await Promise.all(Array.from({ length: 30 }, () => get(api)));

    expect(pages.map(({ items }) => items.length)).toEqual(Array(30).fill(20));
    expect(api.secretReads()).toBe(2);
  });

  it("because of clock skew, is reported with the skew", async () => {
    const clock = testClock();
    const { api } = await startFaultyApi([], { clock, now: () => clock.now() + 3_600_000 });

    const error = await errorOf(get(api));

    expect((error as Error).message).toContain("This machine's clock is 3600 s behind the server's.");
  });
});

it("sends nothing if the key is not valid", async () => {
  const { api } = await startFaultyApi([], { secret: () => `${key.file.slice(0, -1)}` });

  const error = await errorOf(get(api));

  expect(error).toBeInstanceOf(KeyError);
  expect(api.server.requests).toEqual([]);
});
