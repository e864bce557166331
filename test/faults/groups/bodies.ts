import type { Fault as CdpFault } from "../../../local/simulated-cdp/faults/fault.ts";
import { makeBalance } from "../../support/accounts.ts";
import { type Fault, type Group, gap, WHOLE } from "../fault.ts";

const MEGABYTE = 1024 * 1024;

const TOTAL = '"total":"10.00';

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
      "compressed, as `text/plain`, padded, with unknown fields",
      [
        { kind: "gzip", how: "whole" },
        { kind: "mislabel", contentType: "text/plain" },
        { kind: "pad", bytes: MEGABYTE },
        { kind: "replace", text: '"crypto"', by: '"nft","new":[1]' },
      ],
      WHOLE,
    ),
    {
      name: "an empty page token on the last page",
      ends: WHOLE,
      inject: (world) => world.injectFault({ kind: "empty-token", on: { page: 3 } }),
    },
    eachGets(
      "an HTML page, no body, invalid UTF-8, or truncated or false compression",
      [
        { kind: "html" },
        { kind: "empty" },
        { kind: "replace", text: "Asset", by: Buffer.of(0xff) },
        { kind: "gzip", how: "cut" },
        { kind: "gzip", how: "claimed" },
      ],
      gap("api_not_json", "api_empty_body", "api_not_json", "api_not_json", "api_unreachable"),
    ),
    eachGets("an HTML page of a proxy, 403", [{ kind: "html", status: 403 }], gap("api_not_json")),
    eachGets("a body of 17 MB", [{ kind: "pad", bytes: 17 * MEGABYTE }], gap("api_body_too_large")),
    eachGets(
      "a duplicate, numeric or missing amount",
      [
        { kind: "replace", text: TOTAL, by: `"total":"1",${TOTAL}` },
        { kind: "replace", text: TOTAL, by: '"total":10,"x":"10.00' },
        { kind: "replace", text: TOTAL, by: '"x":"' },
      ],
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
