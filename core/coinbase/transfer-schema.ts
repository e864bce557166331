import { DECIMAL } from "../domain/amount.ts";
import { isObject } from "../domain/json.ts";
import { parseSlot } from "../domain/slot.ts";
import type { Transfer, TransferFee, TransferParty } from "../domain/transfer.ts";
import { type Decoded, type Decoder, decodePage, type Page, type Reader } from "./decode.ts";
import { checkText, type Path, type Problems, type TextRule } from "./fields.ts";

// The transfers of the API, as its OpenAPI document describes them. New fields, kinds of parties, types of fees and statuses are
// accepted; a malformed amount, asset, time or id is not. `null` counts as absent.

const ID: TextRule = { maxBytes: 1_000, notEmpty: true };
const SYMBOL: TextRule = { maxBytes: 999, notEmpty: true };
const TEXT: TextRule = { maxBytes: 1_000 };
const AMOUNT: TextRule = {
  maxBytes: 1_000,
  pattern: { regExp: DECIMAL, expected: "a plain decimal number as a string" },
};
/** Source: RFC 3339, 5.6, which the format `date-time` of OpenAPI means. */
const DATE_TIME = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)$/;
const MAX_ITEMS = 1_000;

/** Decodes a page of `GET /v2/transfers`. */
export const decodeTransfersPage: Decoder<Page<Transfer>> = (body) => decodePage("transfers", readTransfer, body);

/** Decodes transfers in the API's format, as a file holds them. Problems name the index: `transfers.3.sourceAmount`. */
export function decodeTransfers(transfers: readonly unknown[]): Decoded<readonly Transfer[]> {
  const page = decodeTransfersPage({ transfers });
  return page.problems === undefined ? { value: page.value.items } : page;
}

/** Decodes one transfer of a page, or of a file that holds transfers in the API's format. */
export const readTransfer: Reader<Transfer> = (value, path, problems) => {
  if (!isObject(value)) return void problems.add(path, "object");
  const at = (field: string) => [...path, field];
  const text = (field: string, rule: TextRule) => optional(value[field], at(field), problems, rule);
  const transferId = required(value["transferId"], at("transferId"), problems, ID);
  const status = required(value["status"], at("status"), problems, TEXT);
  const source = readParty(value["source"], at("source"), problems);
  const target = readParty(value["target"], at("target"), problems);
  const fees = readFees(value["fees"], at("fees"), problems);
  const rest = {
    sourceAmount: text("sourceAmount", AMOUNT),
    sourceAsset: text("sourceAsset", SYMBOL),
    targetAmount: text("targetAmount", AMOUNT),
    targetAsset: text("targetAsset", SYMBOL),
    createdAt: readTime(value["createdAt"], at("createdAt"), problems),
    executedAt: readTime(value["executedAt"], at("executedAt"), problems),
    completedAt: readTime(value["completedAt"], at("completedAt"), problems),
    updatedAt: readTime(value["updatedAt"], at("updatedAt"), problems),
    transactionHashes: readHashes(value["details"]),
  };
  if (transferId === undefined || status === undefined || !source || !target || !fees) return undefined;
  return { transferId, status, source, target, fees, ...rest };
};

/** Returns a transfer in the API's format, with the fields that `readTransfer` reads. Reading it gives an equal transfer. */
export function wireTransfer(transfer: Transfer): Record<string, unknown> {
  const { source, target, transactionHashes, ...same } = transfer;
  const details = { onchainTransactions: transactionHashes.map((transactionHash) => ({ transactionHash })) };
  return {
    ...same,
    ...{ source: wireParty(source), target: wireParty(target) },
    ...(transactionHashes.length > 0 && { details }),
  };
}

function required(value: unknown, path: Path, problems: Problems, rule: TextRule): string | undefined {
  return checkText(value, path, problems, rule) ? value : undefined;
}

function optional(value: unknown, path: Path, problems: Problems, rule: TextRule): string | undefined {
  return value === undefined || value === null ? undefined : required(value, path, problems, rule);
}

function readTime(value: unknown, path: Path, problems: Problems): string | undefined {
  const time = optional(value, path, problems, TEXT);
  if (time !== undefined && !isDateTime(time)) {
    problems.add(path, "a date and time such as 2026-01-31T12:00:00Z");
  }
  return time;
}

function isDateTime(time: string): boolean {
  const day = time.slice(0, 10);
  // `Date` turns 30 February into 2 March: a day that is written differently afterwards does not exist.
  return DATE_TIME.test(time) && Number.isFinite(Date.parse(time)) && parseSlot(`${day}T00:00:00Z`) !== undefined;
}

function readFees(value: unknown, path: Path, problems: Problems): TransferFee[] | undefined {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value) || value.length > MAX_ITEMS) {
    return void problems.add(path, `array of at most ${MAX_ITEMS} fees`);
  }
  return value.flatMap((fee: unknown, index) => {
    const at = [...path, index];
    if (!isObject(fee)) {
      problems.add(at, "object");
      return [];
    }
    const type = optional(fee["type"], [...at, "type"], problems, TEXT) ?? "other";
    const amount = required(fee["amount"], [...at, "amount"], problems, AMOUNT);
    const asset = required(fee["asset"], [...at, "asset"], problems, SYMBOL);
    return amount === undefined || asset === undefined ? [] : { type, amount, asset };
  });
}

/** The API states the kind of a party by its fields. */
function readParty(value: unknown, path: Path, problems: Problems): TransferParty | undefined {
  if (!isObject(value)) return void problems.add(path, "object");
  const has = (field: string) => value[field] !== undefined && value[field] !== null;
  const read = (field: string) => required(value[field], [...path, field], problems, ID) ?? "";
  if (has("accountId")) return { kind: "account", accountId: read("accountId") };
  if (has("paymentMethodId")) return { kind: "paymentMethod", paymentMethodId: read("paymentMethodId") };
  if (has("address")) return { kind: "address", address: read("address"), network: read("network") };
  if (has("email")) return { kind: "email" };
  if (has("omad")) return { kind: "fedwire" };
  if (has("companyEntryDescription")) return { kind: "ach" };
  return { kind: "other" };
}

/** Empty fields stand for those that a file leaves out: they state the kind of the party. */
function wireParty(party: TransferParty): Record<string, unknown> {
  switch (party.kind) {
    case "account":
      return { accountId: party.accountId };
    case "paymentMethod":
      return { paymentMethodId: party.paymentMethodId };
    case "address":
      return { address: party.address, network: party.network };
    case "email":
      return { email: "" };
    case "fedwire":
      return { omad: "" };
    case "ach":
      return { companyEntryDescription: "" };
    case "other":
      return {};
  }
}

/** Only for the reader of a report, so that unexpected details fail nothing. */
function readHashes(details: unknown): string[] {
  const transactions = isObject(details) ? details["onchainTransactions"] : undefined;
  if (!Array.isArray(transactions)) return [];
  return transactions.slice(0, MAX_ITEMS).flatMap((transaction: unknown) => {
    const hash = isObject(transaction) ? transaction["transactionHash"] : undefined;
    return typeof hash === "string" && /^[\w.:-]{1,200}$/.test(hash) ? [hash] : [];
  });
}
