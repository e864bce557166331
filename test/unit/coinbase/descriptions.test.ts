import type { AccountDescription } from "../../../core/domain/account-activity.ts";
import type { Fault } from "../../../local/simulated-cdp/faults/fault.ts";
import { EXHAUSTIVE } from "../../support/exhaustive.ts";
import { afterEach, describe, expect, it } from "../../support/jest.ts";
import { account, closeServers, noDeadline, startApi } from "./harness.ts";

afterEach(closeServers);

const idOf = (at: number) => `account_af2937b0-9846-4fe7-bfe9-${String(at).padStart(12, "0")}`;
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => from + at);

async function all(descriptions: AsyncIterable<AccountDescription>, into: AccountDescription[] = []) {
  for await (const description of descriptions) into.push(description);
  return into;
}

/** Starts an API that lists the accounts 0, 1, … of which each is older than the one before. */
async function startList(count: number, { pageSize = 100, faults = [] as readonly Fault[] } = {}) {
  const accounts = range(0, count).map((at) =>
    account(0, {
      accountId: idOf(at),
      name: `Account ${at}`,
      createdAt: new Date(Date.UTC(2026, 0, 1) - at * 1000).toISOString(),
    }),
  );
  const { server, source } = await startApi({ accounts: () => accounts });
  for (const fault of faults) server.addFault(fault);
  /** Returns the numbers of the accounts that are described, the error, and the last part of each request's path. */
  const describeAll = async (wanted: readonly number[]) => {
    server.requests.length = 0;
    const described: AccountDescription[] = [];
    // The filters of the configuration do not apply to a list of accounts.
    const reading = source({ pageSize, type: "cdp" }).describe(wanted.map(idOf), noDeadline());
    const error = await all(reading, described).then(
      () => undefined,
      ({ code }) => code,
    );
    const requests = server.requests.map(({ path, query }) => [path.split("/").at(-1), query["type"]].join(""));
    return { described: described.map(({ name }) => Number(name?.split(" ")[1])), error, requests };
  };
  return { server, describeAll, source };
}

const page = "accounts";

describe("describe", () => {
  it("takes fewer than twice the requests of the best choice, wherever the accounts are", async () => {
    const [count, pageSize] = [EXHAUSTIVE ? 6 : 4, 2];
    const { describeAll } = await startList(count, { pageSize });

    for (const subset of range(1, 2 ** count)) {
      const wanted = range(0, count).filter((at) => subset & (1 << at));
      const { described, requests } = await describeAll(wanted);

      const costs = range(0, count).map((pages) => pages + wanted.filter((at) => at >= pages * pageSize).length);
      expect(described.sort()).toEqual(wanted);
      expect(requests.length).toBeLessThan(2 * Math.min(...costs));
    }
  });

  it("leaves out accounts that the API does not find, and does not ask again for those that the list lacks", async () => {
    const { describeAll } = await startList(3);

    expect(await describeAll([7])).toEqual({ described: [], error: undefined, requests: [idOf(7)] });
    expect(await describeAll([0, 1, 7, 8, 9])).toEqual({ described: [0, 1], error: undefined, requests: [page] });
  });

  it("describes the other accounts if one is forbidden, and throws afterwards", async () => {
    const fault = { kind: "error", status: 403, on: { path: new RegExp(`${idOf(240)}$`) } } as const;
    const { describeAll } = await startList(250, { faults: [fault] });

    const { described, error } = await describeAll([0, 240, 241]);

    expect(described).toEqual([0, 241]);
    expect(error).toBe("api_forbidden");
  });

  it("stops at once if the API is not available, or forbids the list", async () => {
    const outage = await startList(250, { faults: [{ kind: "error", status: 503, on: { path: /240$/ } }] });
    const forbidden = await startList(3, { faults: [{ kind: "error", status: 403 }] });

    const { described, error, requests } = await outage.describeAll([0, 240, 241]);

    expect([described, error]).toEqual([[0], "api_service_unavailable"]);
    expect(requests).toEqual([page, ...Array(4).fill(idOf(240))]);
    expect(await forbidden.describeAll([0, 1])).toEqual({ described: [], error: "api_forbidden", requests: [page] });
  });
});
