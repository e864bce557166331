import { gzipSync } from "node:zlib";
import type { Fault as CdpFault } from "../../../local/simulated-cdp/faults/fault.ts";
import type { ApiResponse } from "../../../local/simulated-cdp/response.ts";
import { makeBalance } from "../../support/accounts.ts";
import { type Fault, type Group, gap, WHOLE } from "../fault.ts";

const MEGABYTE = 1024 * 1024;

const TOTAL = '"total":"10.00';

const change = (change: (response: ApiResponse) => Partial<ApiResponse>): CdpFault => ({ kind: "change", change });

const pad = (bytes: number) => change(({ body }) => ({ body: Buffer.concat([body, Buffer.alloc(bytes, " ")]) }));

const gzip = change(({ headers, body }) => ({
  headers: { ...headers, "content-encoding": "gzip" },
  body: gzipSync(body),
}));

/** Replaces the first occurrence of a text. A buffer may contain bytes that are not valid UTF-8. */
const replace = (text: string, by: string | Buffer) =>
  change(({ body }) => {
    const start = body.indexOf(text);
    if (start < 0) throw new Error(`The response does not contain ${text}.`);
    return { body: Buffer.concat([body.subarray(0, start), Buffer.from(by), body.subarray(start + text.length)]) };
  });

/** Each account gets another body as its second page, for ever. */
const eachGets = (name: string, faults: readonly CdpFault[], ends: Fault["ends"]): Fault => ({
  name,
  affected: faults.length,
  ends,
  inject: (world) => world.failEach(faults.map((fault) => ({ ...fault, on: { page: 2 } }))),
});

/** The account also holds assets with these symbols, until the fault is over. */
const holding = (ends: Fault["ends"], ...symbols: string[]): Fault => ({
  name: `an asset with the symbol ${symbols.map((symbol) => `\`${symbol}\``).join(", ")}`,
  ends,
  inject: (world) => {
    world.setBalances(
      (usual) => [...usual, ...symbols.map((symbol) => makeBalance(symbol, "1", "2"))],
      ends.how === "gap",
    );
  },
});

export const bodies: Group = {
  title: "The body of a response",
  faults: [
    eachGets(
      "as `text/plain`, padded, with unknown fields",
      [
        change(({ headers }) => ({ headers: { ...headers, "content-type": "text/plain" } })),
        pad(MEGABYTE / 2),
        replace('"crypto"', '"nft","new":[1]'),
      ],
      WHOLE,
    ),
    {
      name: "an empty page token on the last page",
      ends: WHOLE,
      inject: (world) => world.injectFault({ kind: "empty-token", on: { page: 3 } }),
    },
    eachGets(
      "an HTML page, no body, invalid UTF-8, or unrequested compression",
      [{ kind: "html" }, { kind: "empty" }, replace("Asset", Buffer.of(0xff)), gzip],
      gap("api_not_json", "api_empty_body", "api_not_json", "api_not_json"),
    ),
    eachGets("an HTML page of a proxy, 403", [{ kind: "html", status: 403 }], gap("api_not_json")),
    eachGets(
      "a body of 17 MB, or of a million values",
      [pad(17 * MEGABYTE), replace('"balances"', `"x":[${"{},".repeat(1_000_000)}{}],"balances"`)],
      gap("api_body_too_large", "api_body_too_large"),
    ),
    eachGets(
      "a duplicate, numeric or missing amount",
      [replace(TOTAL, `"total":"1",${TOTAL}`), replace(TOTAL, '"total":10,"x":"10.00'), replace(TOTAL, '"x":"')],
      gap("api_unexpected_shape"),
    ),
    eachGets(
      "an error with status 200",
      [{ kind: "body", body: '{"errorType":"bad_gateway","errorMessage":"No."}' }],
      gap("api_bad_gateway"),
    ),
    holding(gap("api_unexpected_shape"), "__proto__"),
    holding(WHOLE, "constructor", "toString", "hasOwnProperty"),
  ],
};
