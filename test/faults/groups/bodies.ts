import type { Fault as CdpFault } from "../../../local/simulated-cdp/faults/fault.ts";
import { makeBalance } from "../../support/accounts.ts";
import { type Fault, type Group, gap, WHOLE } from "../fault.ts";

const MEGABYTE = 1024 * 1024;

const TOTAL = '"total":"10.00';

type Trouble = CdpFault & { readonly times?: never };

const always = (name: string, trouble: Trouble, ends: Fault["ends"]): Fault => ({
  name,
  ends,
  begin: (world) => world.misbehave({ ...trouble, on: { page: 2 } }),
});

/** A body for every page, whatever it should hold. */
const body = (text: string) => ({ kind: "body", body: text }) as const;

const unreadable: Fault[] = [
  always("a proxy's HTML page, 502", { kind: "html" }, gap("api_not_json")),
  always("a proxy's HTML page, 200", { kind: "html", status: 200 }, gap("api_not_json")),
  always("a proxy's HTML page, 403", { kind: "html", status: 403 }, gap("api_not_json")),
  always("no body, 200", { kind: "empty" }, gap("api_empty_body")),
  always("no body, 503", { kind: "empty", status: 503 }, gap("api_empty_body")),
  always("bytes that are no UTF-8", { kind: "replace", text: "Asset", by: Buffer.of(0xff) }, gap("api_not_json")),
  always("compressed, and cut", { kind: "gzip", how: "cut" }, gap("api_not_json")),
  always("called compressed, and not", { kind: "gzip", how: "claimed" }, gap("api_unreachable")),
  always("17 MB", { kind: "pad", bytes: 17 * MEGABYTE }, gap("api_body_too_large")),
];

const readable: Fault[] = [
  always("compressed", { kind: "gzip", how: "whole" }, WHOLE),
  always("under another content type", { kind: "mislabel", contentType: "text/plain" }, WHOLE),
  always("1 MB, most of it spaces", { kind: "pad", bytes: MEGABYTE }, WHOLE),
  always("an empty page token at the end", { kind: "empty-token" }, WHOLE),
  always("a field and a type that nobody knows", { kind: "replace", text: '"crypto"', by: '"nft","new":[1]' }, WHOLE),
];

const hostile: Fault[] = [
  always("JSON of 100,000 levels", body("[".repeat(100_000)), gap("api_unexpected_shape")),
  always(
    "JSON of 100,000 empty balances",
    body(`{"balances":[${"{},".repeat(100_000)}{}]}`),
    gap("api_unexpected_shape"),
  ),
  always(
    "an error of the API under the status 200",
    body('{"errorType":"a","errorMessage":"b"}'),
    gap("api_unexpected_shape"),
  ),
  always(
    "an amount that is given twice",
    { kind: "replace", text: TOTAL, by: `"total":"1",${TOTAL}` },
    gap("api_unexpected_shape"),
  ),
  always(
    "an amount as a number",
    { kind: "replace", text: `${TOTAL}`, by: '"total":10,"x":"10.00' },
    gap("api_unexpected_shape"),
  ),
  always(
    "an amount with an exponent",
    { kind: "replace", text: TOTAL, by: '"total":"1e3","x":"' },
    gap("api_unexpected_shape"),
  ),
  always("an amount that is missing", { kind: "replace", text: TOTAL, by: '"x":"' }, gap("api_unexpected_shape")),
];

/** The account holds assets of these symbols besides, until the fault is over. */
const holding = (ends: Fault["ends"], ...symbols: string[]): Fault => ({
  name: `an asset with the symbol ${symbols.map((symbol) => `\`${symbol}\``).join(", ")}`,
  ends,
  begin: (world) => {
    world.hold((usual) => [...usual, ...symbols.map((symbol) => makeBalance(symbol, "1", "2"))], ends.how === "gap");
  },
});

export const bodies: Group = {
  title: "The body of an answer",
  faults: [
    ...readable,
    ...unreadable,
    ...hostile,
    holding(gap("api_unexpected_shape"), "__proto__"),
    holding(WHOLE, "constructor", "toString", "hasOwnProperty"),
  ],
};
