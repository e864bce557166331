import { gzipSync } from "node:zlib";
import type { Fault, FaultAction } from "../../local/simulated-cdp/faults/fault.ts";
import { formatPageToken } from "../../local/simulated-cdp/pages.ts";
import { makeBalance } from "./accounts.ts";
import { HOSTILE_SHAPES, hostileList } from "./hostile-list.ts";

/** What an API answers that wants to stop the snapshots of other accounts, and how the account with this answer ends. */
export interface HostileAnswer {
  readonly name: string;
  /** The code of the failure. */
  readonly code: string;
  readonly fault: (accountId: string) => Fault;
}

const MEGABYTE = 1024 * 1024;

const listOf = (accountId: string, action: FaultAction): Fault => ({
  ...action,
  on: { account: accountId, path: /\/balances$/ },
});

const body = (name: string, code: string, text: () => string): HostileAnswer => ({
  ...{ name, code },
  fault: (accountId) => listOf(accountId, { kind: "body", body: text() }),
});

const action = (name: string, code: string, action: FaultAction): HostileAnswer => ({
  ...{ name, code },
  fault: (accountId) => listOf(accountId, action),
});

/** Every page has this content, and leads to a new page. */
const endless = (name: string, code: string, content: string, padding = ""): HostileAnswer => ({
  ...{ name, code },
  fault: (accountId) =>
    listOf(accountId, {
      kind: "change",
      change: (_, { path, page }) => {
        const nextPageToken = formatPageToken({ list: path, offset: 0, page: page + 1 }) + padding;
        return { body: Buffer.from(`{"balances":${content},"nextPageToken":${JSON.stringify(nextPageToken)}}`) };
      },
    }),
});

const asset = (symbol: string) => JSON.stringify(makeBalance(symbol, "1", "1"));
const denominations = Object.fromEntries(
  Array.from({ length: 1_001 }, (_, at) => [`d${at}`, { available: "1", total: "1" }]),
);

export const HOSTILE_ANSWERS: readonly HostileAnswer[] = [
  body("16 MB of empty objects", "api_body_too_large", () => `{"balances":[],"x":[${"{},".repeat(5_600_000)}{}]}`),
  body("a megabyte of values", "api_body_too_large", () => `{"balances":[],"x":[${"0,".repeat(500_000)}0]}`),
  body(
    "a megabyte of invalid balances",
    "api_unexpected_shape",
    () => `{"balances":["${"x".repeat(MEGABYTE - 100)}"]}`,
  ),
  body("a million levels", "api_unexpected_shape", () => "[".repeat(MEGABYTE)),
  body("an unterminated string", "api_not_json", () => `{"balances":"${"x".repeat(MEGABYTE / 2)}`),
  body("an asset named __proto__", "api_unexpected_shape", () => `{"balances":[${asset("__proto__")}]}`),
  body("a symbol of 1 KB", "api_unexpected_shape", () => `{"balances":[${asset("x".repeat(1_000))}]}`),
  body("1,001 denominations", "api_unexpected_shape", () => {
    const { asset, amount } = makeBalance("x", "1");
    return JSON.stringify({ balances: [{ asset, amount: { ...amount, ...denominations } }] });
  }),
  body("an error with a message of a megabyte", "api_forbidden", () =>
    JSON.stringify({ errorType: "forbidden", errorMessage: "x".repeat(MEGABYTE - 100) }),
  ),
  {
    name: "17 MB in 17 KB",
    code: "api_not_json",
    fault: (accountId) =>
      listOf(accountId, {
        kind: "change",
        change: ({ headers }) => ({
          headers: { ...headers, "content-encoding": "gzip" },
          body: gzipSync(Buffer.alloc(17 * MEGABYTE, " ")),
        }),
      }),
  },
  endless("the same asset on every page, for ever", "pages_repeated", `[${Array(30).fill(asset("x"))}]`),
  endless("empty pages for ever", "too_many_pages", "[]"),
  {
    name: "new assets on every page, for ever",
    code: "list_too_large",
    fault: (account) =>
      hostileList(HOSTILE_SHAPES[0] as (typeof HOSTILE_SHAPES)[number], Number.POSITIVE_INFINITY, { account }),
  },
  action("a redirect", "api_redirect", { kind: "redirect", location: "http://127.0.0.1:1/" }),
  action("a page of a proxy", "api_not_json", { kind: "html" }),
  action("no body", "api_empty_body", { kind: "empty" }),
  action("a body that is cut off", "api_unreachable", { kind: "cut", after: 10 }),
  action("a connection that is reset", "api_unreachable", { kind: "reset" }),
];
