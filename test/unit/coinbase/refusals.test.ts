import { frozenClock, testClock } from "../../support/clock.ts";
import { afterEach, describe, expect, it } from "../../support/jest.ts";
import { closeServers, get, startApi, startFaultyApi } from "./harness.ts";

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
