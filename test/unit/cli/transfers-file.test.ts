import { createHash } from "node:crypto";
import {
  digestOfTransfers,
  parseTransfersFile,
  transfersFileText,
} from "../../../cli/shared/reconcile/transfers-file.ts";
import type { Transfer, TransferSet } from "../../../core/domain/transfer.ts";
import { decodeTransfers } from "../../../core/transfer-format.ts";
import { describe, expect, it } from "../../support/jest.ts";

const transfer = (transferId: string, changes: Partial<Transfer> = {}): Transfer => ({
  ...{ transferId, status: "completed", source: { kind: "ach" }, target: { kind: "account", accountId: "account_1" } },
  ...{ sourceAmount: "1.50", sourceAsset: "usd", targetAmount: "1.50", targetAsset: "usd", fees: [] },
  ...{ createdAt: undefined, executedAt: undefined, completedAt: "2026-11-15T11:00:00Z", updatedAt: undefined },
  transactionHashes: [],
  ...changes,
});
const set: TransferSet = {
  reads: [
    {
      ...{ key: "emea", accountIds: ["account_1"], denied: false },
      ...{ updatedAfter: "2026-10-31T22:59:01.000Z", readAt: "2026-12-01T01:00:00.000Z" },
    },
  ],
  transfers: [transfer("b"), transfer("a", { fees: [{ type: "bank", amount: "0.1", asset: "usd" }] })],
};
const sorted = [...set.transfers].reverse();

/** Returns the text of a file with other content. */
function changed(change: (content: ReturnType<typeof JSON.parse>) => void): string {
  const content = JSON.parse(transfersFileText(set));
  change(content);
  return JSON.stringify(content);
}

describe("a file of transfers", () => {
  it("gives what was written, sorted by id", () => {
    expect(parseTransfersFile(transfersFileText(set), "x.json")).toEqual({ ...set, transfers: sorted });
  });

  it("is the same text in whatever order the transfers were found", () => {
    const text = transfersFileText(set);

    expect(transfersFileText({ ...set, transfers: sorted })).toBe(text);
    expect(text).toMatch(/^\{\n {2}"format": 1,\n/);
    expect(text.endsWith("}\n")).toBe(true);
  });

  it("has no names, bank accounts, email addresses, metadata and memos of the API's transfers", () => {
    const parties = [
      {
        currency: "usd",
        companyName: "PRIVATE",
        companyEntryDescription: "PRIVATE",
        individualIdentificationNumber: "PRIVATE",
      },
      {
        currency: "usd",
        omad: "PRIVATE",
        accountNumber: "PRIVATE",
        originatorName: "PRIVATE",
        originatorToBeneficiary: ["PRIVATE"],
      },
      { email: "PRIVATE@example.com", asset: "usd" },
      { address: "0x1", network: "base", destinationTag: "PRIVATE", asset: "usdc" },
    ];
    const other = {
      failureReason: "PRIVATE",
      metadata: { customer: "PRIVATE" },
      details: { travelRule: { statusMessage: "PRIVATE" } },
    };
    const wire = parties.map((source, at) => ({
      transferId: `t${at}`,
      status: "failed",
      source,
      target: source,
      ...other,
    }));
    const decoded = decodeTransfers(wire);

    const text = transfersFileText({ reads: [], transfers: decoded.problems === undefined ? decoded.value : [] });

    expect(JSON.parse(text).transfers).toHaveLength(parties.length);
    expect(text).not.toContain("PRIVATE");
  });

  it("has the SHA-256 of its transfers in canonical form", () => {
    const account = '"target":{"accountId":"account_1"},"targetAmount":"1.50","targetAsset":"usd"';
    const canonical = (id: string, fees: string) =>
      `{"completedAt":"2026-11-15T11:00:00Z","fees":${fees},"source":{"companyEntryDescription":""},"sourceAmount":"1.50","sourceAsset":"usd","status":"completed",${account},"transferId":"${id}"}`;
    const text = `[${canonical("a", '[{"amount":"0.1","asset":"usd","type":"bank"}]')},${canonical("b", "[]")}]`;

    expect(digestOfTransfers(set.transfers)).toBe(createHash("sha256").update(text).digest("hex"));
  });

  it.each<[string, string, RegExp]>([
    [
      "no JSON",
      "{",
      /^--transfers: x\.json is not a file of transfers: it is not a JSON object\. Expected the file of balances reconcile --save-transfers\.$/,
    ],
    ["another format", changed((file) => Object.assign(file, { format: 2 })), /: format is 2, not 1\./],
    ["a key as its format", '{"format": {"privateKey": "SECRET"}}', /: format is an object, not 1\./],
    [
      "a day that does not exist",
      changed((file) => Object.assign(file.transfers[0], { completedAt: "2026-02-30T00:00:00Z" })),
      /: transfers\.0\.completedAt: expected a date and time such as /,
    ],
    [
      "an invalid read",
      changed((file) => Object.assign(file.reads[0], { key: 1, updatedAfter: "2026-10-31", denied: null })),
      /: reads\.0\.key: expected string or null; reads\.0\.updatedAfter: expected an instant such as .*; reads\.0\.denied: expected true or false\./,
    ],
    [
      "a transfer twice, which would count twice",
      changed((file) => file.transfers.push(file.transfers[0])),
      /: transfers: a occurs more than once\./,
    ],
    [
      "many problems",
      changed((file) => Object.assign(file, { reads: [1, 2, 3, 4, 5, 6, 7] })),
      /reads\.4: expected object; and 2 more\./,
    ],
  ])("is refused with its problems: %s", (_, text, message) => {
    expect(() => parseTransfersFile(text, "x.json")).toThrow(message);
  });
});
