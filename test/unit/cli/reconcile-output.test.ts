import { reconcileDocument } from "../../../cli/shared/reconcile/reconcile-document.ts";
import { reconcileOutput } from "../../../cli/shared/reconcile/reconcile-output.ts";
import { lineRows } from "../../../cli/shared/reconcile/reconcile-rows.ts";
import { digestOfTransfers } from "../../../cli/shared/reconcile/transfers-file.ts";
import { documentText } from "../../../cli/shared/statement/document-text.ts";
import type { Snapshot } from "../../../core/domain/snapshot.ts";
import type { Transfer, TransferRead } from "../../../core/domain/transfer.ts";
import { describe, expect, it } from "../../support/jest.ts";

const OPENING = "2026-10-31T23:00:00.000Z";
const CLOSING = "2026-11-30T23:00:00.000Z";

const snapshot = (accountId: string, slot: string, held: Readonly<Record<string, string>>, changes: object = {}) =>
  ({
    ...{ accountId, slot, trigger: "schedule", capturedAt: slot, completedAt: slot, consistency: "verified" },
    ...{ passes: 1, pages: 1, unsettled: [], hidden: 0, assets: 1, totals: new Map(), fiat: [] },
    balances: new Map(
      Object.entries(held).map(([asset, total]) => [asset, new Map([[asset, { available: total, total }]])]),
    ),
    descriptions: new Map(),
    ...changes,
  }) as Snapshot;
const pair = (accountId: string, from: string, to: string, changes: object = {}) => ({
  earlier: snapshot(accountId, OPENING, { btc: from }),
  later: snapshot(accountId, CLOSING, { btc: to }, changes),
});
const transfer = (transferId: string, createdAt: string, changes: Partial<Transfer> = {}): Transfer => ({
  ...{ transferId, status: "completed", source: { kind: "fedwire" }, target: { kind: "account", accountId: "a" } },
  ...{ sourceAmount: "1", sourceAsset: "btc", targetAmount: "1", targetAsset: "btc", fees: [] },
  ...{ createdAt, executedAt: createdAt, completedAt: createdAt, updatedAt: createdAt, transactionHashes: [] },
  ...changes,
});
const read = (accountIds: readonly string[], changes: Partial<TransferRead> = {}): TransferRead => ({
  ...{ key: "emea", accountIds, updatedAfter: OPENING, readAt: CLOSING, denied: false },
  ...changes,
});

function reconciled(
  pairs: readonly ReturnType<typeof pair>[],
  transfers: readonly Transfer[],
  reads = [read(pairs.map(({ earlier }) => earlier.accountId))],
) {
  const result = reconcileOutput({
    ...{ from: OPENING, to: CLOSING, pairs, notReconciled: [], set: { reads, transfers }, reading: undefined },
    ...{ namesOf: () => ({ accountName: null }), hasKeys: true, label: (accountId: string) => accountId },
  });
  return { ...result, text: documentText(reconcileDocument({ ...result, ...VIEW }), 80) };
}

const VIEW = { label: (accountId: string) => accountId, timezone: "UTC", byAsset: false, detail: true };

describe("a reconciliation", () => {
  it("is explained by a transfer, which its detail shows", () => {
    const { isExplained, text } = reconciled([pair("a", "1", "2")], [transfer("t", "2026-11-15T00:00:00+01:00")]);

    expect(isExplained).toBe(true);
    expect(text).toMatch(/^btc {4}2026-11-14T23:00:00Z {2}in +1 {2}Fedwire +t$/m);
    expect(text).toContain("No line depends on whether source amounts include fees");
  });

  it("has the transfers that it is about, and the digest of all that were read", () => {
    const mine = transfer("t", "2026-11-15T00:00:00Z");
    const other = transfer("other", "2026-11-15T00:00:00Z", { target: { kind: "account", accountId: "b" } });
    const early = transfer("early", "2026-10-15T00:00:00Z");

    const { output } = reconciled([pair("a", "1", "2")], [mine, other, early]);

    expect(output.transfers.map(({ transferId }) => transferId)).toEqual(["t"]);
    expect(output.digest).toBe(digestOfTransfers([mine, other, early]));
  });

  it("of nothing held, without the permission, is not explained", () => {
    const none = { earlier: snapshot("a", OPENING, {}), later: snapshot("a", CLOSING, {}) };

    const { isExplained, output } = reconciled([none], [], [read(["a"], { denied: true })]);

    expect(output.lines).toEqual([]);
    expect(isExplained).toBe(false);
    expect(output.incomplete).toEqual(["not asked: the key emea lacks transfers:read. This concerns 1 account (a)."]);
  });

  it("never shows control characters of a key's name in a file", () => {
    const { output, text } = reconciled([pair("a", "1", "1")], [], [read(["a"], { key: "k\u001b[31m", denied: true })]);

    expect(output.incomplete[0]).toContain(String.raw`the key k\u001b[31m lacks`);
    expect(text).not.toContain("\u001b");
  });

  it("does not say that no line depends on fees if a remainder is unknown", () => {
    const { text } = reconciled([pair("a", "1", "1")], [], [read(["a"], { denied: true })]);

    expect(text).toMatch(/^No line of which the remainder is known depends on whether/m);
  });

  it("does not say that a reading leaves less if both leave the same", () => {
    const fees = [{ type: "network", amount: "0.1", asset: "btc" }];
    const out = { source: { kind: "account", accountId: "a" }, target: { kind: "ach" }, fees } as const;

    const { text } = reconciled([pair("a", "1", "-0.05")], [transfer("t", "2026-11-15T00:00:00Z", out)]);

    expect(text).toContain("It was chosen because the other one does not leave less.");
  });

  it("of an account that no key serves any more says so", () => {
    const { output } = reconciled([pair("a", "1", "1")], [], [read(["a"], { key: null, denied: true })]);

    expect(output.incomplete).toEqual(["not asked: no key serves the accounts any more. This concerns 1 account (a)."]);
  });

  it("names altered and unsettled snapshots at an end", () => {
    const { isExplained, output, text } = reconciled(
      [pair("a", "1", "1", { altered: true }), pair("b", "1", "1", { unsettled: ["eth", "x\u200b"] })],
      [],
    );

    expect(isExplained).toBe(false);
    expect(output.incomplete).toEqual([
      "Snapshots of 1 account (a) do not match their digests: they were altered. Run balances verify.",
      "2 lines cannot be reconciled: a quantity at an end, or the amount of a transfer, is unknown.",
    ]);
    expect(text).toContain("ALTERED: it does not match its digest");
    expect(text).toContain(String.raw`uncertain: eth, x\u200b`);
  });

  it("lists transfers that are not completed by status, without those after the closing or before the opening balances", () => {
    const open = (id: string, status: string, createdAt = "2026-11-15T00:00:00Z") =>
      transfer(id, createdAt, { status, completedAt: undefined });

    const { output, text } = reconciled(
      [pair("a", "1", "1")],
      [
        open("f", "failed"),
        open("n", "new\u202e"),
        open("p", "processing"),
        open("later", "failed", "2026-12-05T00:00:00Z"),
        open("earlier", "processing", "2026-10-30T00:00:00Z"),
      ],
    );

    expect(output.notCompleted).toEqual(["f", "n", "p"]);
    const rows = text.split("\n").filter((line) => line.includes("2026-11-15"));
    expect(rows.map((line) => line.split(" ")[0])).toEqual(["processing", "failed", String.raw`new\u202e`]);
  });

  it("has the sum of several fees of a transfer in a row", () => {
    const fee = (amount: string) => ({ type: "network", amount, asset: "btc" });
    const out = { source: { kind: "account", accountId: "a" }, target: { kind: "ach" } } as const;
    const sent = transfer("t", "2026-11-15T00:00:00Z", { ...out, fees: [fee("0.1"), fee("0.25")] });

    const rows = lineRows({ ...reconciled([pair("a", "2", "1")], [sent]), ...VIEW });

    expect(rows).toMatchObject([{ fees: "0.35", transferIn: "", transferOut: "0.65", transferFees: "0.35" }]);
  });

  it("names a completed transfer without an amount, and fails", () => {
    const { isExplained, output, text } = reconciled(
      [pair("a", "1", "1")],
      [transfer("t", "2026-11-15T00:00:00Z", { targetAmount: undefined })],
    );

    expect(isExplained).toBe(false);
    expect(output.incompleteTransfers).toEqual(["t"]);
    expect(output.incomplete).toContain("The API does not state an amount or an asset of 1 completed transfer.");
    expect(text).toContain("TRANSFERS WITHOUT AN AMOUNT OR ASSET");
  });
});
