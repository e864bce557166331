import { ENV } from "../../../core/names/environment.ts";
import { makeBalance } from "../../support/accounts.ts";
import { expect } from "../../support/jest.ts";
import { type Fault, type Group, gap, unrecorded, WHOLE } from "../fault.ts";
import type { FaultWorld } from "../fault-world.ts";

/** The API no longer lists the smallest asset. */
const withoutLast = (world: FaultWorld, untilCleared = false) =>
  world.setBalances((balances) => balances.slice(0, -1), untilCleared);

const changes: Fault[] = [
  {
    name: "the list is reordered between two pages once",
    ends: WHOLE,
    inject: (world) => world.injectFault({ kind: "reorder", times: 1, on: { page: 3 } }),
  },
  {
    name: "the list is reordered between two pages in every walk",
    ends: WHOLE,
    inject: (world) => world.injectFault({ kind: "reorder", on: { page: 2 } }),
  },
  {
    name: "the list is reordered in every walk, and there is no earlier snapshot",
    emptyTable: true,
    incomplete: true,
    ends: WHOLE,
    inject: (world) => world.injectFault({ kind: "reorder", on: { page: 2 } }),
  },
  {
    name: "an asset is listed twice with different amounts, and its own balance returns 403",
    ends: WHOLE,
    inject: (world) => {
      world.setBalances((balances) => [...balances, makeBalance("a0", "0.0", "0.00")], true);
      world.injectFault({ kind: "error", status: 403, on: { path: "/balances/a0" } });
    },
  },
  {
    name: "an asset is no longer listed, and the API confirms that it is not held",
    ends: WHOLE,
    inject: (world) => withoutLast(world),
  },
  {
    name: "an asset is no longer listed, and its own balance returns `endpoint_unavailable`",
    ends: WHOLE,
    inject: (world) => {
      withoutLast(world);
      world.walkSequentially();
      world.injectFault({ kind: "error", status: 503, errorType: "endpoint_unavailable", on: { path: "/a5" } });
    },
  },
  {
    name: "an asset is no longer listed, and its own balance returns 500",
    ends: gap("api_internal_server_error"),
    inject: (world) => {
      withoutLast(world, true);
      world.injectFault({ kind: "error", status: 500, on: { path: "/a5" } });
    },
  },
];

/** Lets the token of a page lead to the first balances again. */
function backToStart(body: Buffer): Buffer {
  const page = JSON.parse(body.toString()) as { nextPageToken?: string };
  const token = JSON.parse(Buffer.from(page.nextPageToken ?? "", "base64").toString()) as object;
  const nextPageToken = Buffer.from(JSON.stringify({ ...token, offset: 0 })).toString("base64");
  return Buffer.from(JSON.stringify({ ...page, nextPageToken }));
}

const limits: Fault[] = [
  {
    name: "the previous snapshot cannot be read",
    changesHistory: true,
    ends: WHOLE,
    inject: async (world) => {
      const [item] = world.previous.filter(
        ({ account }) => (account as { S: string }).S === world.affected[0]?.accountId,
      );
      await world.base.put([{ ...item, totals: { S: "corrupt" } }]);
    },
  },
  {
    name: "a page token leads back to an earlier page",
    ends: gap("page_token_repeated"),
    inject: (world) => world.injectFault({ kind: "repeat-token", on: { page: 2 } }),
  },
  {
    name: "every page has a new token, which leads to the same balances",
    ends: gap("pages_repeated"),
    inject: (world) => world.injectFault({ kind: "change", change: ({ body }) => ({ body: backToStart(body) }) }),
  },
  {
    name: "the account has more pages than allowed",
    ends: gap("too_many_pages"),
    inject: (world) => {
      world.env = { [ENV.maxPages]: "2" };
    },
  },
  {
    name: "the API refuses the requested page size",
    ends: WHOLE,
    inject: (world) => {
      world.env = { [ENV.pageSize]: "" };
    },
    emptyTable: true,
    check: ({ cdp }) => expect(cdp.requests.filter(({ status }) => status === 400).length).toBeGreaterThan(0),
  },
];

const failing = (world: FaultWorld) => world.injectFault({ kind: "error", status: 403, on: { path: /accounts$/ } });

const accountLists: Fault[] = [
  { name: "the list of accounts is refused: 403", everyAccount: true, ends: gap("api_forbidden"), inject: failing },
  {
    name: "the list of accounts is refused, and the table knows no account",
    everyAccount: true,
    emptyTable: true,
    ends: unrecorded("api_forbidden"),
    inject: failing,
  },
  {
    name: "the list of accounts is empty",
    everyAccount: true,
    ends: gap("no_accounts"),
    inject: (world) => {
      world.listed = [];
    },
  },
  {
    name: "an account is no longer listed, and the API does not say whether it exists",
    ends: gap("account_not_listed"),
    inject: (world) => {
      world.listed = [world.other];
      const path = new RegExp(`/accounts/${world.affected[0]?.accountId}$`);
      world.cdp.addFault({ kind: "error", status: 403, on: { path } });
    },
  },
];

export const walk: Group = { title: "What the API lists", faults: [...changes, ...limits, ...accountLists] };
