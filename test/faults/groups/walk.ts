import { expect } from "@jest/globals";
import { ENV } from "../../../core/names/environment.ts";
import { type Fault, type Group, gap, unrecorded, WHOLE } from "../fault.ts";
import type { World } from "../world.ts";

/** The smallest asset is not shown any more. */
const withoutLast = (world: World, untilHealed = false) => world.hold((balances) => balances.slice(0, -1), untilHealed);

const moving: Fault[] = [
  {
    name: "the list is reordered between two pages, once",
    ends: WHOLE,
    begin: (world) => world.misbehave({ kind: "reorder", times: 1, on: { page: 3 } }),
  },
  {
    name: "the list is reordered between two pages, in every walk",
    ends: WHOLE,
    begin: (world) => world.misbehave({ kind: "reorder", on: { page: 2 } }),
  },
  {
    name: "the list is reordered in the same way in every walk, and there is no snapshot before",
    fresh: true,
    incomplete: true,
    ends: WHOLE,
    begin: (world) => world.misbehave({ kind: "reorder", on: { page: 2 } }),
  },
  {
    name: "an asset is not shown any more, and the API says that it is not held",
    ends: WHOLE,
    begin: (world) => withoutLast(world),
  },
  {
    name: "an asset is not shown any more, and the API will not tell: 503 `endpoint_unavailable`",
    ends: WHOLE,
    begin: (world) => {
      withoutLast(world);
      world.oneByOne();
      world.misbehave({ kind: "error", status: 503, errorType: "endpoint_unavailable", on: { path: "/a5" } });
    },
  },
  {
    name: "an asset is not shown any more, and the API is out of order when asked for it: 500",
    ends: gap("api_internal_server_error"),
    begin: (world) => {
      withoutLast(world, true);
      world.misbehave({ kind: "error", status: 500, on: { path: "/a5" } });
    },
  },
];

const spoiled: Fault[] = [
  {
    name: "the snapshot before cannot be read",
    spoilsThePast: true,
    ends: WHOLE,
    begin: async (world) => {
      const [item] = world.past.filter(({ account }) => (account as { S: string }).S === world.struck[0]?.accountId);
      await world.put({ ...item, totals: { S: "spoiled" } });
    },
  },
  {
    name: "a page names a page that was read already",
    ends: gap("page_token_repeated"),
    begin: (world) => world.misbehave({ kind: "repeat-token", on: { page: 2 } }),
  },
  {
    name: "there are more pages than are allowed",
    ends: gap("too_many_pages"),
    begin: (world) => {
      world.env = { [ENV.maxPages]: "2" };
    },
  },
  {
    name: "the server takes no page as large as those asked for",
    ends: WHOLE,
    begin: (world) => {
      world.env = { [ENV.pageSize]: "" };
      world.hold((balances) => balances);
    },
    fresh: true,
    check: ({ cdp }) => expect(cdp.requests.filter(({ status }) => status === 400).length).toBeGreaterThan(0),
  },
];

const failing = (world: World) => world.misbehave({ kind: "error", status: 403, on: { path: /accounts$/ } });

const ofAccounts: Fault[] = [
  { name: "the list of accounts is refused: 403", forAll: true, ends: gap("api_forbidden"), begin: failing },
  {
    name: "the list of accounts is refused, and the table knows none",
    forAll: true,
    fresh: true,
    ends: unrecorded("api_forbidden"),
    begin: failing,
  },
  {
    name: "the list of accounts is empty",
    forAll: true,
    ends: gap("no_accounts"),
    begin: (world) => {
      world.listed = [];
    },
  },
  {
    name: "an account is not listed any more",
    ends: gap("account_not_listed"),
    begin: (world) => {
      world.listed = [world.other];
    },
  },
];

export const walk: Group = { title: "What the API lists", faults: [...moving, ...spoiled, ...ofAccounts] };
