import type { Fault as CdpFault } from "../../../local/simulated-cdp/faults/fault.ts";
import { makeBalance } from "../../support/accounts.ts";
import { type Fault, type Group, gap, WHOLE } from "../fault.ts";

const MEGABYTE = 1024 * 1024;

const TOTAL = '"total":"10.00';

const always = (name: string, fault: CdpFault & { readonly times?: never }, ends: Fault["ends"]): Fault => ({
  name,
  ends,
  inject: (world) => world.injectFault({ ...fault, on: { page: 2 } }),
});

/** Replaces the whole body of a page. */
const body = (text: string) => ({ kind: "body", body: text }) as const;

const readable: Fault[] = [
  always("a compressed body", { kind: "gzip", how: "whole" }, WHOLE),
  always("another content type", { kind: "mislabel", contentType: "text/plain" }, WHOLE),
  always("a body of 1 MB, most of it spaces", { kind: "pad", bytes: MEGABYTE }, WHOLE),
  always("an empty page token on the last page", { kind: "empty-token" }, WHOLE),
  always("an unknown field and an unknown type", { kind: "replace", text: '"crypto"', by: '"nft","new":[1]' }, WHOLE),
];

const unreadable: Fault[] = [
  always("an HTML page of a proxy, 502", { kind: "html" }, gap("api_not_json")),
  always("an HTML page of a proxy, 200", { kind: "html", status: 200 }, gap("api_not_json")),
  always("an HTML page of a proxy, 403", { kind: "html", status: 403 }, gap("api_not_json")),
  always("no body, 200", { kind: "empty" }, gap("api_empty_body")),
  always("no body, 503", { kind: "empty", status: 503 }, gap("api_empty_body")),
  always("invalid UTF-8", { kind: "replace", text: "Asset", by: Buffer.of(0xff) }, gap("api_not_json")),
  always("a truncated compressed body", { kind: "gzip", how: "cut" }, gap("api_not_json")),
  always("an uncompressed body labelled as compressed", { kind: "gzip", how: "claimed" }, gap("api_unreachable")),
  always("a body of 17 MB", { kind: "pad", bytes: 17 * MEGABYTE }, gap("api_body_too_large")),
];

const UNEXPECTED = gap("api_unexpected_shape");
const unexpected: Fault[] = [
  always("an API error with status 200", body('{"errorType":"a","errorMessage":"b"}'), UNEXPECTED),
  always("a duplicate amount", { kind: "replace", text: TOTAL, by: `"total":"1",${TOTAL}` }, UNEXPECTED),
  always("an amount as a number", { kind: "replace", text: TOTAL, by: '"total":10,"x":"10.00' }, UNEXPECTED),
  always("a missing amount", { kind: "replace", text: TOTAL, by: '"x":"' }, UNEXPECTED),
];

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
    ...readable,
    ...unreadable,
    ...unexpected,
    holding(gap("api_unexpected_shape"), "__proto__"),
    holding(WHOLE, "constructor", "toString", "hasOwnProperty"),
  ],
};
