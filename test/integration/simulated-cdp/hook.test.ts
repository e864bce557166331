import { afterEach, describe, expect, it } from "@jest/globals";
import { BALANCES, close, get, start } from "./harness.ts";

afterEach(close);

describe("the hook", () => {
  it("is told of each step and awaited", async () => {
    const steps: string[] = [];
    let told: () => void = () => {};
    const answered = new Promise<void>((resolve) => {
      told = resolve;
    });
    const { requests } = await start({
      onRequest: async ({ path, phase }) => {
        await new Promise((resolve) => setTimeout(resolve, 5));
        steps.push(`${phase} ${path} ${requests[0]?.status}`);
        if (phase === "answered") told();
      },
    });

    await get(BALANCES);
    await answered;

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
