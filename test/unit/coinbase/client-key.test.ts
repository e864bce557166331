import { afterEach, describe, expect, it } from "@jest/globals";
import { makeEd25519Key } from "../../support/keys.ts";
import { closeServers, errorOf, get, key, startFaultyApi } from "./harness.ts";

afterEach(closeServers);

describe("a key that the API rejects", () => {
  const next = makeEd25519Key();

  /** Starts an API that accepts only the next key. The secret has `file` from the second read on. */
  function startRotated(file: string, options: Parameters<typeof startFaultyApi>[1] = {}) {
    let reads = 0;
    return startFaultyApi([], { secret: () => (reads++ === 0 ? key.file : file), keys: () => [next], ...options });
  }

  it("is replaced at once if the secret has a new one, even on the last attempt", async () => {
    const { api, clock, statuses } = await startRotated(next.file, { settings: { maxAttempts: 1 } });

    const page = await get(api);

    expect(page.items).toHaveLength(20);
    expect(statuses()).toEqual([401, 200]);
    expect(api.secretReads()).toBe(2);
    expect(clock.slept).toEqual([]);
  });

  it.each([
    ["the secret still has the same key", key.file, [401]],
    ["the new key is rejected too", makeEd25519Key().file, [401, 401]],
  ])("fails the request if %s", async (_, file, expected) => {
    const { api, statuses } = await startRotated(file);

    const error = await errorOf(get(api));

    expect(error).toMatchObject({ code: "api_unauthorized", status: 401 });
    expect(statuses()).toEqual(expected);
    expect(api.secretReads()).toBe(2);
  });
});
