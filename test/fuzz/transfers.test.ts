import fc from "fast-check";
import type { Transfer, TransferFee, TransferParty } from "../../core/domain/transfer.ts";
import { decodeTransfers, wireTransfer } from "../../core/transfer-format.ts";
import { describe, expect } from "../support/jest.ts";
import { fuzz } from "./fuzz.ts";
import { anyAmount, anyText, BAD_AMOUNTS } from "./texts.ts";

// Transfers in the API's format, as the API sends them and as files hold them.

/** Instants with fractions and offsets, as the API may write them. */
const anyTime = fc
  .tuple(
    fc.integer({ min: 0, max: 4e12 }),
    fc.constantFrom("", ".5", ".123456789"),
    fc.constantFrom("Z", "z", "+05:30"),
  )
  .map(([ms, fraction, zone]) => new Date(ms).toISOString().replace(/\..*$/, "") + fraction + zone);

const anySymbol = anyText.filter((text) => Buffer.byteLength(text) <= 999);

const anyParty: fc.Arbitrary<TransferParty> = fc.oneof(
  anyText.map((accountId): TransferParty => ({ kind: "account", accountId })),
  anyText.map((paymentMethodId): TransferParty => ({ kind: "paymentMethod", paymentMethodId })),
  fc.tuple(anyText, anyText).map(([address, network]): TransferParty => ({ kind: "address", address, network })),
  fc.constantFrom(...(["ach", "fedwire", "email", "other"] as const)).map((kind): TransferParty => ({ kind })),
);

const anyFee: fc.Arbitrary<TransferFee> = fc.record({
  type: fc.constantFrom("bank", "conversion", "network", "other", "new"),
  amount: anyAmount,
  asset: anySymbol,
});

const optional = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: undefined });

const anyTransfer: fc.Arbitrary<Transfer> = fc.record({
  transferId: anyText,
  status: fc.constantFrom("quoted", "processing", "completed", "failed", "new"),
  source: anyParty,
  target: anyParty,
  sourceAmount: optional(anyAmount),
  sourceAsset: optional(anySymbol),
  targetAmount: optional(anyAmount),
  targetAsset: optional(anySymbol),
  fees: fc.array(anyFee, { maxLength: 3 }),
  createdAt: optional(anyTime),
  executedAt: optional(anyTime),
  completedAt: optional(anyTime),
  updatedAt: optional(anyTime),
  transactionHashes: fc.array(fc.stringMatching(/^[\w.:-]{1,20}$/), { maxLength: 3 }),
});

const throughFile = (wire: unknown): unknown => JSON.parse(JSON.stringify(wire));

/** A value at a field of a transfer: of its own, of a party, or of a fee. */
type Change = readonly [path: readonly string[], value: unknown];

const AMOUNTS = [["sourceAmount"], ["targetAmount"], ["fees", "0", "amount"]];
const FIELDS =
  "transferId status source target sourceAsset fees createdAt completedAt details details.onchainTransactions";
const anyBadAmount = fc.oneof(fc.constantFrom(...BAD_AMOUNTS), fc.constantFrom<unknown>(1, 0.1, true, [], {}));
const anyChange: fc.Arbitrary<Change> = fc.tuple(
  fc.constantFrom(...AMOUNTS, ...FIELDS.split(" ").map((field) => field.split("."))),
  fc.jsonValue({ maxDepth: 3 }),
);

function changed(wire: unknown, [[name = "", ...rest], value]: Change): unknown {
  const holder = Object(wire) as Record<string, unknown>;
  const inner = rest.length === 0 ? value : changed(holder[name] ?? {}, [rest, value]);
  if (Array.isArray(wire)) return wire.map((item, at) => (String(at) === name ? inner : item));
  return { ...holder, [name]: inner };
}

describe("transfers", () => {
  fuzz("are equal after they were written in the API's format and read again", 300, anyTransfer, (transfer) => {
    const decoded = decodeTransfers([throughFile(wireTransfer(transfer))]);

    expect(decoded).toEqual({ value: [transfer] });
  });

  fuzz(
    "with a changed field are refused with a problem, or can be written and read again",
    900,
    fc.tuple(anyTransfer, anyChange),
    ([transfer, change]) => {
      expectDecodable([changed(throughFile(wireTransfer(transfer)), change)]);
    },
  );

  const anyRefusal = fc.tuple(anyTransfer, anyFee, fc.constantFrom(...AMOUNTS), anyBadAmount, fc.nat(3));
  fuzz(
    "with an amount that is not a decimal number are refused, with its place",
    300,
    anyRefusal,
    ([transfer, fee, path, amount, at]) => {
      const good = throughFile(wireTransfer({ ...transfer, fees: [fee] }));
      const list = Array.from({ length: 4 }, (_, index) => (index === at ? changed(good, [path, amount]) : good));

      const { problems } = decodeTransfers(list);

      expect(problems).toMatch(`transfers.${at}.${path.join(".")}: expected `);
    },
  );
});

function expectDecodable(values: readonly unknown[]): void {
  const decoded = decodeTransfers(values);
  if (decoded.problems !== undefined) {
    expect(decoded.problems).toMatch(/^transfers\.\d+.*: expected /);
    return;
  }
  expect(decodeTransfers(decoded.value.map((transfer) => throughFile(wireTransfer(transfer))))).toEqual(decoded);
}
