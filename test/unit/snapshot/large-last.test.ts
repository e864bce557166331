import { USUAL_ACCOUNT } from "../../../core/domain/walk-limits.ts";
import { takeLargeLast } from "../../../core/snapshot/large-last.ts";
import { afterEach, describe, expect, it } from "../../support/jest.ts";
import { ACCOUNT, closeServers, errorOf, noDeadline, startApi } from "../coinbase/harness.ts";

afterEach(closeServers);

// test/exhaustive/memory measures the memory; test/e2e/hostile has a list that never ends.

describe("large accounts", () => {
  it("are taken after all others, one at a time, and keep their place in the result", async () => {
    const taken: string[] = [];
    let running = 0;
    const take = async (account: string, limits: object) => {
      const isAlone = limits !== USUAL_ACCOUNT;
      running++;
      await new Promise(setImmediate);
      taken.push(`${account}${isAlone ? ` alone with ${running}` : ""}`);
      running--;
      return account.startsWith("large") && !isAlone ? "large" : { account };
    };

    const results = await takeLargeLast(["large1", "a", "large2", "b"], 2, take);

    expect(results).toEqual(["large1", "a", "large2", "b"].map((account) => ({ account })));
    expect(taken.slice(0, 4).sort()).toEqual(["a", "b", "large1", "large2"]);
    expect(taken.slice(4)).toEqual(["large1 alone with 1", "large2 alone with 1"]);
  });
});

describe("the limits of a walk", () => {
  it.each([
    ["30 items", { balances: 30, bytes: 1e6 }],
    ["3000 bytes", { balances: 1e6, bytes: 3_000 }],
  ])("end a pass over a longer list: %s", async (limit, limits) => {
    const { server, source } = await startApi();

    const error = await errorOf(source().pass(ACCOUNT, noDeadline(), limits));

    expect(error).toMatchObject({ code: "list_too_large", message: expect.stringContaining(`more than ${limit}`) });
    expect(server.requests.length).toBeLessThan(3);
  });
});
