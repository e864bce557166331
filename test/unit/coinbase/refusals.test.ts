import { frozenClock, testClock } from "../../support/clock.ts";
import { afterEach, describe, expect, it } from "../../support/jest.ts";
import { makeEd25519Key } from "../../support/keys.ts";
import { closeServers, errorOf, get, key, startApi, startFaultyApi } from "./harness.ts";

afterEach(closeServers);

describe("a token", () => {
  it("is signed anew after the monotonic clock stood still for longer than it is valid", async () => {
    const clock = frozenClock();
    const { api, statuses } = await startFaultyApi([], { clock });
    await get(api);
    clock.advance(10 * 60_000);

    await get(api);

    expect(statuses()).toEqual([200, 200]);
  });

  it("that the API rejects is signed once more before the key is suspected, even on the last attempt", async () => {
    const { api, clock, statuses } = await startFaultyApi([], { settings: { maxAttempts: 1 } });
    await get(api);
    api.server.addFault({ kind: "error", status: 401, times: 1 });

    const page = await get(api);

    expect(page.items).toHaveLength(20);
    expect(statuses()).toEqual([200, 401, 200]);
    const [first, rejected, fresh] = api.server.requests.map(({ token }) => token);
    expect([rejected === first, fresh === first]).toEqual([true, false]);
    expect([api.secretReads(), clock.slept]).toEqual([1, []]);
  });

  it("that was signed while the clock was wrong is replaced when the clock is right again", async () => {
    const clock = testClock();
    const now = clock.now();
    clock.advance(5 * 60_000);
    // The API's clock is right; that of the client is set back after the first response.
    const corrected = { ...clock, now: () => (api.server.requests.length === 0 ? clock.now() : now) };
    const api = await startApi({ clock: corrected, now: () => now });

    await get(api);

    expect(api.server.requests.map(({ status }) => status)).toEqual([401, 200]);
    expect(api.secretReads()).toBe(1);
  });
});

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
    expect(statuses()).toEqual([401, 401, 200]);
    expect(api.secretReads()).toBe(2);
    expect(clock.slept).toEqual([]);
  });

  it.each([
    ["the secret still has the same key", key.file, [401, 401]],
    ["the new key is rejected too", makeEd25519Key().file, [401, 401, 401]],
  ])("fails the request if %s", async (_, file, expected) => {
    const { api, statuses } = await startRotated(file);

    const error = await errorOf(get(api));

    expect(error).toMatchObject({ code: "api_unauthorized", status: 401 });
    expect(statuses()).toEqual(expected);
    expect(api.secretReads()).toBe(2);
  });
});
