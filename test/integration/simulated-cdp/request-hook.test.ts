import { afterEach, describe, expect, it } from "@jest/globals";
import { BALANCES, close, deferred, get, start } from "./harness.ts";

afterEach(close);

describe("onRequest", () => {
  it("is called for each step and awaited", async () => {
    const steps: string[] = [];
    const answered = deferred();
    const { requests } = await start({
      onRequest: async ({ path, phase }) => {
        await new Promise((resolve) => setTimeout(resolve, 5));
        steps.push(`${phase} ${path} ${requests[0]?.status}`);
        if (phase === "answered") answered.resolve();
      },
    });

    await get(BALANCES);
    await answered.promise;

    const path = `/platform${BALANCES}`;
    expect(steps).toEqual([`received ${path} 0`, `handled ${path} 0`, `answered ${path} 200`]);
  });

  it("resets the connection if it throws", async () => {
    await start({
      onRequest: () => {
        throw new Error("crash");
      },
    });

    await expect(get(BALANCES)).rejects.toThrow("fetch failed");
  });
});
