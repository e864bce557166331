import type { CdpClient } from "../../../core/coinbase/client.ts";
import type { Page } from "../../../core/coinbase/decode.ts";
import { decodeTransfers } from "../../../core/coinbase/transfer-schema.ts";
import { TransferSource } from "../../../core/coinbase/transfer-source.ts";
import type { Transfer } from "../../../core/domain/transfer.ts";
import type { WireTransfer } from "../../../local/simulated-cdp/server.ts";
import { afterEach, describe, expect, it } from "../../support/jest.ts";
import { ACCOUNT, type ApiOptions, closeServers, errorOf, key, noDeadline, startApi, testClock } from "./harness.ts";

afterEach(closeServers);

const OTHER = "account_00000000-9846-4fe7-bfe9-ccc22d935114";
const NOW = "2026-11-23T10:00:00.000Z";
const PERIOD_START = Date.parse("2026-11-01T00:00:00.000Z");
const ago = (seconds: number) => new Date(Date.parse(NOW) - seconds * 1000).toISOString();

/** A transfer that was created and last updated one hour before the period and one hour into it, or with changes. */
function transfer(number: number, changes: Partial<WireTransfer> = {}): WireTransfer {
  return {
    ...{ transferId: `transfer_${String(number).padStart(8, "0")}-9846-4fe7-bfe9-ccc22d935114`, status: "completed" },
    ...{ source: { accountId: ACCOUNT, asset: "usd" }, target: { accountId: OTHER, asset: "usd" } },
    ...{ sourceAmount: "1.50", sourceAsset: "usd", targetAmount: "1.50", targetAsset: "usd", fees: [] },
    ...{ createdAt: "2026-10-31T23:00:00Z", completedAt: "2026-11-01T01:00:00Z", updatedAt: "2026-11-01T01:00:00Z" },
    ...changes,
  };
}

const transfers = (count: number) => Array.from({ length: count }, (_, number) => transfer(number));
const byId = (list: readonly Transfer[]) => list.toSorted((a, b) => (a.transferId < b.transferId ? -1 : 1));

/** Starts an API with 45 transfers on three pages, each of whose requests takes a second. */
async function start(options: ApiOptions = {}) {
  const clock = testClock(NOW);
  const { onRequest, ...others } = options;
  const api = await startApi({
    ...{ clock, transfers: () => transfers(45) },
    onRequest: async (step) => {
      await onRequest?.(step);
      if (step.phase === "handled") clock.advance(1_000);
    },
    ...others,
  });
  const source = new TransferSource(api.client, 20);
  const read = (accountId?: string, deadline = noDeadline()) =>
    source.read({ updatedAfter: PERIOD_START, accountId }, deadline);
  const pagesRead = () => api.server.requests.map(({ page }) => page);
  return { ...api, read, pagesRead, queries: () => api.server.requests.map(({ query }) => query) };
}

describe("the transfers of a period", () => {
  it("are those of every page, with one token, and when the last request was sent", async () => {
    const { server, read, queries } = await start();

    const { transfers: found, readAt } = await read();

    expect({ value: byId(found) }).toEqual(decodeTransfers(transfers(45)));
    expect(new Date(readAt).toISOString()).toBe("2026-11-23T10:00:03.000Z");
    expect(new Set(server.requests.map(({ token }) => token)).size).toBe(1);
    const sent = queries().map(({ updatedAfter, pageSize }) => [updatedAfter, pageSize]);
    // What was updated since a minute before the first request is read once more.
    expect(sent).toEqual([...Array(3).fill(["2026-11-01T00:00:00.000Z", "20"]), ["2026-11-23T09:59:00.000Z", "20"]]);
  });

  it("are limited to an account in every request", async () => {
    const of = (accountId: string) => ({ accountId, asset: "usd" });
    const other = transfer(50, { source: of(OTHER) });
    const { read, queries } = await start({ transfers: () => [...transfers(25), other] });

    const { transfers: found } = await read(ACCOUNT);

    expect(found).toHaveLength(25);
    expect(queries().map(({ accountId }) => accountId)).toEqual([ACCOUNT, ACCOUNT, ACCOUNT]);
  });
});

describe("a transfer that is updated during the reading", () => {
  it("do not start earlier because the period started less than a minute ago", async () => {
    const { server, client } = await start();

    await new TransferSource(client, undefined).read({ updatedAfter: Date.parse(ago(5)) }, noDeadline());

    expect(server.requests.map(({ query }) => query["updatedAfter"])).toEqual([ago(5), ago(5)]);
  });

  it("is found if it appears on a page that was read already", async () => {
    const late = transfer(99, { createdAt: "2026-10-31T23:30:00Z" });
    let hasLate = false;
    const { read, pagesRead } = await start({
      transfers: () => [...transfers(45), ...(hasLate ? [{ ...late, updatedAt: ago(-3) }] : [])],
      onRequest: ({ phase }) => {
        hasLate ||= phase === "handled" && pagesRead().at(-1) === 3;
      },
    });

    const { transfers: found } = await read();

    expect(found.map(({ transferId }) => transferId)).toContain(late.transferId);
    expect(found).toHaveLength(46);
    expect(pagesRead()).toEqual([1, 2, 3, 1]);
  });

  it("has the version that was read later", async () => {
    const done = { completedAt: ago(30), updatedAt: ago(30) };
    let requests = 0;
    const { read } = await start({
      transfers: () => (requests < 2 ? [transfer(1, { status: "processing" })] : [transfer(1, done)]),
      onRequest: ({ phase }) => {
        if (phase === "received") requests++;
      },
    });

    const { transfers: found } = await read();

    expect(found).toEqual([expect.objectContaining({ status: "completed", completedAt: ago(30) })]);
  });

  it.each<[string, number | undefined, number[]]>([
    ["once", 1, [1, 2, 3, 1, 2, 3, 1]],
    ["all the time", undefined, [1, 2, 3, 1, 2, 3, 1, 2, 3, 1]],
  ])(
    "costs another reading if the order of the list changes %s, because others can be missing",
    async (_, times, pages) => {
      const { server, read, pagesRead } = await start();
      server.addFault({ kind: "reorder", on: { page: 2 }, times });

      const { transfers: found } = await read();

      const ids = found.map(({ transferId }) => transferId);
      expect(new Set(ids).size).toBe(ids.length);
      expect(pagesRead()).toEqual(pages);
      if (times === 1) expect({ value: byId(found) }).toEqual(decodeTransfers(transfers(45)));
    },
  );
});

describe("a request for transfers", () => {
  it("is sent again after a 429", async () => {
    const { server, read } = await start();
    server.addFault({ kind: "error", status: 429, times: 1 });

    const { transfers: found } = await read();

    expect({ value: byId(found) }).toEqual(decodeTransfers(transfers(45)));
    expect(server.requests).toHaveLength(5);
  });

  it("fails if a page has the token of an earlier one, and suggests what to do", async () => {
    const { server, read } = await start();
    server.addFault({ kind: "repeat-token", on: { page: 2 } });

    const error = await errorOf(read());

    expect(error).toMatchObject({
      code: "page_token_repeated",
      message: expect.stringContaining("so the list never ends."),
      suggestedFix: expect.stringContaining("report it to Coinbase"),
    });
  });

  it("fails without the permission for transfers, and names it", async () => {
    const { read, server } = await start({ keys: () => [{ ...key, mayReadTransfers: false }] });

    const error = await errorOf(read());

    expect(error).toMatchObject({ code: "api_forbidden", status: 403 });
    expect((error as { suggestedFix: string }).suggestedFix).toMatch(
      /^Give the key the permission transfers:read@entity /,
    );
    expect(server.requests).toHaveLength(1);
  });
});

describe("a list of transfers without an end", () => {
  const items = (from: number, count: number) =>
    Array.from({ length: count }, (_, at) => ({ transferId: String(from + at) }) as Transfer);

  it.each<[string, string, number, number]>([
    ["list_too_large", "250000 items", 50_000, 0],
    ["list_too_large", "536870912 bytes", 1, 1024 * 1024],
  ])("fails with %s after %s, and says which requests are smaller", async (code, limit, count, bytes) => {
    let requests = 0;
    const ask = async () => {
      const value: Page<Transfer> = { items: items(requests * count, count), next: String(requests++) };
      return { value, bytes, sent: { at: 0, monotonicMs: 0 } };
    };
    const source = new TransferSource({ ask } as unknown as CdpClient, undefined);

    const error = await errorOf(source.read({ updatedAfter: PERIOD_START }, noDeadline()));

    const message = `GET /v2/transfers: the list has more than ${limit}.`;
    expect(error).toMatchObject({ code, message, suggestedFix: "Ask for a shorter period, or for fewer accounts." });
  });
});
