import { afterEach, describe, expect, it } from "@jest/globals";
import { KeyError } from "../../../core/domain/errors.ts";
import { makeEd25519Key } from "../../support/keys.ts";
import { closeServers, errorOf, get, key, testClock, troubled } from "./harness.ts";

afterEach(closeServers);

describe("a key that is refused", () => {
  const next = makeEd25519Key();

  it("and was rotated, is replaced: the request succeeds at once with the new one", async () => {
    let secret = key.file;
    const known = [key, next];
    const { api, clock, statuses } = await troubled([], { secret: () => secret, keys: () => known });
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

  it("and was rotated, is replaced on the last attempt too", async () => {
    let reads = 0;
    const { api, statuses } = await troubled([], {
      secret: () => (reads++ === 0 ? key.file : next.file),
      keys: () => [next],
      settings: { maxAttempts: 1 },
    });

    await get(api);

    expect(statuses()).toEqual([401, 200]);
  });

  it("and is still the same, is final after one more read of the secret", async () => {
    const { api, statuses } = await troubled([], { keys: () => [next] });

    const error = await errorOf(get(api));

    expect(error).toMatchObject({ code: "api_unauthorized", status: 401 });
    expect(statuses()).toEqual([401]);
    expect(api.secretReads()).toBe(2);
  });

  it("and whose successor is refused as well, is final: there is no third attempt", async () => {
    let reads = 0;
    const secret = () => (reads++ === 0 ? key.file : makeEd25519Key().file);
    const { api, statuses } = await troubled([], { secret, keys: () => [] });

    const error = await errorOf(get(api));

    expect(error).toMatchObject({ code: "api_unauthorized" });
    expect(statuses()).toEqual([401, 401]);
    expect(api.secretReads()).toBe(2);
  });

  it("by many requests at once, costs one more read of the secret, and no request its answer", async () => {
    let reads = 0;
    const { api } = await troubled([], {
      secret: () => (reads++ === 0 ? key.file : next.file),
      keys: () => [next],
    });

    const pages = await Promise.all(Array.from({ length: 30 }, () => get(api)));

    expect(pages.map(({ items }) => items.length)).toEqual(Array(30).fill(20));
    expect(api.secretReads()).toBe(2);
  });

  it("because it cannot be read, is told as that, and nothing is sent", async () => {
    const { api } = await troubled([], { secret: () => `${key.file.slice(0, -1)}` });

    const error = await errorOf(get(api));

    expect(error).toBeInstanceOf(KeyError);
    expect(api.server.requests).toEqual([]);
  });

  it("for the clock is off, tells by how much", async () => {
    const clock = testClock();
    const { api } = await troubled([], { clock, now: () => clock.now() + 3_600_000 });

    const error = await errorOf(get(api));

    expect((error as Error).message).toContain("clock is -3600 s off the server's");
  });
});
