import type { Transfer } from "../../../core/domain/transfer.ts";
import { isAllExplained, reconcile } from "../../../core/reconcile/reconcile.ts";
import type { Reconciliation } from "../../../core/reconcile/reconciliation.ts";
import { describe, expect, it } from "../../support/jest.ts";
import { account, endsOf, OUTSIDE, transferOf } from "./transfers.ts";

/** Completed within the closing's walk. */
const AT_CUT_OFF = { executedAt: "2026-10-31T23:00:00Z", completedAt: "2026-11-01T00:00:30Z" };
const WITHDRAWAL = { source: account("a"), target: OUTSIDE };

/** Returns the line of an asset of account `a`. */
function lineOf({ lines }: Reconciliation, asset = "usd") {
  return lines.find((line) => line.accountId === "a" && line.asset === asset);
}

/** Returns that many transfers at the cut-off, each of an amount of usd. */
function atCutOff(...amounts: readonly string[]): Transfer[] {
  return amounts.map((targetAmount, index) => transferOf({ ...AT_CUT_OFF, transferId: `t${index}`, targetAmount }));
}

describe("a line", () => {
  it("is explained if the transfers in the period make the whole change", () => {
    const { lines } = reconcile([endsOf({ usd: "1.50" }, { usd: "11.5" })], [transferOf()]);

    expect(lines).toEqual([
      {
        ...{ accountId: "a", asset: "usd", state: "explained", opening: "1.50", in: "10", out: "0", fees: "0" },
        ...{
          closing: "11.5",
          unexplained: "0.00",
          unexplainedWithUndetermined: null,
          explainedBy: [],
          unexplainedByOtherReading: "0.00",
        },
        ...{ transfers: ["t"], undetermined: [] },
      },
    ]);
  });

  it("is unexplained with what the transfers in the period leave", () => {
    const early = { executedAt: "2026-09-01T00:00:00Z", completedAt: "2026-09-01T00:00:00Z" };
    const late = { executedAt: "2026-12-01T00:00:00Z", completedAt: "2026-12-01T00:00:00Z" };
    const outside = [transferOf({ ...early, transferId: "u" }), transferOf({ ...late, transferId: "v" })];

    const result = reconcile([endsOf({ usd: "1" }, { usd: "11.000001" })], [transferOf(), ...outside]);

    expect(lineOf(result)).toMatchObject({ state: "unexplained", in: "10", unexplained: "0.000001", transfers: ["t"] });
    expect(isAllExplained(result)).toBe(false);
  });

  it("exists for each asset of an end or of a transfer, also if it is held at neither end", () => {
    const passing = [
      transferOf({ transferId: "in", targetAsset: "btc", targetAmount: "2" }),
      transferOf({ ...WITHDRAWAL, transferId: "out", sourceAsset: "btc", sourceAmount: "2", fees: [] }),
    ];

    const result = reconcile([endsOf({ usd: "1" }, { eur: "1" })], passing);

    expect(result.lines.map(({ asset, state }) => [asset, state])).toEqual([
      ["btc", "explained"],
      ["eur", "unexplained"],
      ["usd", "unexplained"],
    ]);
    expect(lineOf(result, "btc")).toMatchObject({ opening: "0", in: "2", out: "2", closing: "0" });
  });

  it("takes an unsettled asset as unknown, whatever the snapshot lists", () => {
    const result = reconcile([endsOf({ usd: "1" }, { usd: "1" }, { closingWalk: { unsettled: ["eur", "usd"] } })], []);

    expect(lineOf(result, "eur")).toMatchObject({ state: "unknown", opening: "0", closing: null, unexplained: null });
    expect(lineOf(result, "usd")).toMatchObject({ state: "unknown", opening: "1", closing: null, unexplained: null });
    expect(isAllExplained(result)).toBe(false);
  });

  it("takes an absent asset as unknown if the walk did not find every entry, and a listed one as it is listed", () => {
    const result = reconcile([endsOf({ usd: "1" }, { usd: "1", eur: "1" }, { openingWalk: { hidden: 1 } })], []);

    expect(lineOf(result, "eur")).toMatchObject({ state: "unknown", opening: null, closing: "1", unexplained: null });
    expect(lineOf(result, "usd")).toMatchObject({ state: "explained", opening: "1" });
  });

  it("is not asked without permission, and counts no transfer of another key's account", () => {
    const transfer = transferOf({ source: account("b") });
    const ends = [
      endsOf({ usd: "1" }, { usd: "11" }, { isAsked: false }),
      endsOf({ usd: "10" }, {}, { accountId: "b" }),
    ];

    const result = reconcile(ends, [transfer, transferOf({ ...AT_CUT_OFF, transferId: "u" })]);

    expect(lineOf(result)).toEqual({
      ...{ accountId: "a", asset: "usd", state: "not_asked", opening: "1", closing: "11" },
      ...{ in: null, out: null, fees: null, transfers: [], undetermined: [], explainedBy: [] },
      ...{ unexplained: null, unexplainedWithUndetermined: null, unexplainedByOtherReading: null },
    });
    expect(result.lines[1]).toMatchObject({ accountId: "b", state: "explained", out: "10" });
    expect(result.undetermined).toEqual([]);
    expect(isAllExplained(result)).toBe(false);
  });
});

describe("transfers between and within accounts", () => {
  it("are judged by each account's own walks", () => {
    const b = endsOf({}, {}, { accountId: "b" });
    const later = { capturedAt: "2026-11-01T01:00:00.000Z", completedAt: "2026-11-01T01:01:00.000Z" };
    const ends = [endsOf({}, {}), { ...b, closing: { ...b.closing, ...later } }];

    const { lines, undetermined } = reconcile(ends, [
      transferOf({ ...AT_CUT_OFF, source: account("a"), target: account("b") }),
    ]);

    expect(lines).toMatchObject([
      { accountId: "a", transfers: [], undetermined: ["t"] },
      { accountId: "b", transfers: ["t"], undetermined: [] },
    ]);
    expect(undetermined.map(({ accountId }) => accountId)).toEqual(["a"]);
  });

  it("count once each if an account sends an asset to itself", () => {
    const result = reconcile([endsOf({ usd: "10" }, { usd: "10" })], [transferOf({ source: account("a") })]);

    expect(lineOf(result)).toMatchObject({ state: "explained", in: "10", out: "10", transfers: ["t"] });
    expect(
      reconcile([endsOf({}, {})], [transferOf({ ...AT_CUT_OFF, source: account("a") })]).undetermined,
    ).toHaveLength(1);
  });
});

describe("undetermined transfers", () => {
  it("are listed, and the remainder is shown without and with them", () => {
    const result = reconcile([endsOf({}, { usd: "10.0" })], atCutOff("10"));

    expect(lineOf(result)).toMatchObject({
      ...{ state: "undetermined", in: "0", unexplained: "10.0", unexplainedWithUndetermined: "0.0" },
      ...{ transfers: [], undetermined: ["t0"], explainedBy: ["t0"] },
    });
    expect(result.undetermined).toEqual([
      { accountId: "a", transfer: atCutOff("10")[0], end: "closing", reason: "completed_in_walk" },
    ]);
    expect(isAllExplained(result)).toBe(true);
  });

  it("leave a line explained that is so without them", () => {
    const result = reconcile([endsOf({}, {})], atCutOff("10"));

    expect(lineOf(result)).toMatchObject({
      ...{ state: "explained", unexplained: "0", unexplainedWithUndetermined: "-10", explainedBy: [] },
    });
  });

  it("leave a line undetermined if some of them explain it", () => {
    const ends = [endsOf({}, { usd: "10.03" })];

    expect(lineOf(reconcile(ends, atCutOff("4", "10.01", "0.02", "7")))).toMatchObject({
      ...{ state: "undetermined", explainedBy: ["t1", "t2"] },
    });
    expect(lineOf(reconcile(ends, atCutOff("4", "10.01", "0.03", "7")))).toMatchObject({ state: "unexplained" });
  });

  it("are combined up to twelve; beyond that, only none and all are tried", () => {
    const twelve = atCutOff(...Array(11).fill("100"), "1");
    const thirteen = atCutOff(...Array(12).fill("100"), "1");

    expect(lineOf(reconcile([endsOf({}, { usd: "1" })], twelve))?.state).toBe("undetermined");
    expect(lineOf(reconcile([endsOf({}, { usd: "1" })], thirteen))?.state).toBe("unexplained");
    expect(lineOf(reconcile([endsOf({}, { usd: "1201" })], thirteen))?.state).toBe("undetermined");
    expect(lineOf(reconcile([endsOf({}, {})], thirteen))?.state).toBe("explained");
  });
});

describe("transfers that are not completed", () => {
  it("are listed in the order of their creation, and count for no line", () => {
    const open = [
      transferOf({ transferId: "none", status: "quoted", createdAt: undefined }),
      transferOf({ transferId: "late", status: "processing", createdAt: "2026-10-20T00:00:00Z" }),
      transferOf({ transferId: "b", status: "failed", createdAt: "2026-10-10T01:00:00+01:00" }),
      transferOf({ transferId: "a", status: "reversed", createdAt: "2026-10-10T00:00:00Z" }),
      transferOf({ transferId: "other", status: "failed", target: account("b") }),
    ];

    const result = reconcile([endsOf({}, {})], open);

    expect(result.notCompleted.map(({ transferId }) => transferId)).toEqual(["a", "b", "late", "none"]);
    expect(result.lines).toEqual([]);
    expect(isAllExplained(result)).toBe(true);
  });
});

describe("completed transfers without an amount or asset", () => {
  it("make their line unknown, are listed, and still count in the other account, whose amount is stated", () => {
    const transfer = transferOf({ source: account("a"), target: account("b"), sourceAmount: undefined });
    const ends = [
      endsOf({ usd: "1", eur: "1" }, { usd: "1", eur: "1" }),
      endsOf({}, { usd: "10" }, { accountId: "b" }),
    ];

    const result = reconcile(ends, [transfer]);

    expect(lineOf(result)).toMatchObject({ state: "unknown", in: "0", out: null, unexplained: null, transfers: ["t"] });
    expect(lineOf(result, "eur")).toMatchObject({ state: "explained" });
    expect(result.lines).toContainEqual(expect.objectContaining({ accountId: "b", state: "explained", in: "10" }));
    expect(result.incomplete).toEqual([transfer]);
  });

  it("make every line of the account unknown if the asset is missing, and fail the reconciliation without a line", () => {
    const transfers = [transferOf({ targetAsset: undefined })];

    const { lines } = reconcile([endsOf({ usd: "1", eur: "1" }, {})], transfers);
    const withoutLines = reconcile([endsOf({}, {})], transfers);

    expect(lines).toMatchObject(Array(2).fill({ state: "unknown", transfers: ["t"] }));
    expect(withoutLines.lines).toEqual([]);
    expect(isAllExplained(withoutLines)).toBe(false);
  });

  it("make a line unknown at the cut-off, unless it is explained without them", () => {
    const transfer = transferOf({ ...AT_CUT_OFF, targetAmount: undefined });

    const changed = lineOf(reconcile([endsOf({}, { usd: "1" })], [transfer]));
    const same = lineOf(reconcile([endsOf({ usd: "1" }, { usd: "1" })], [transfer]));

    expect(changed).toMatchObject({ state: "unknown", unexplained: "1", unexplainedWithUndetermined: null });
    expect(same).toMatchObject({ state: "explained", unexplained: "0", unexplainedWithUndetermined: null });
  });

  it("matter only in the period, and only if an account of the report needs the amount", () => {
    const early = { executedAt: "2026-09-01T00:00:00Z", completedAt: "2026-09-01T00:00:00Z" };
    const transfers = [
      transferOf({ ...early, targetAmount: undefined }),
      transferOf({ ...WITHDRAWAL, transferId: "u", targetAmount: undefined }),
      transferOf({ transferId: "v", target: account("b"), targetAmount: undefined }),
    ];

    expect(reconcile([endsOf({ usd: "10" }, {})], transfers)).toMatchObject({
      lines: [{ state: "explained" }],
      incomplete: [],
    });
  });
});

it("the ids of a line and the incomplete transfers are in the order of the completion, then of the ids", () => {
  const transfers = ["c", "b", "a", "d"].map((transferId, index) =>
    transferOf({ transferId, targetAmount: undefined, completedAt: `2026-10-${[18, 17, 17, 16][index]}T00:00:00Z` }),
  );

  const result = reconcile([endsOf({}, {})], transfers);

  expect(lineOf(result)?.transfers).toEqual(["d", "a", "b", "c"]);
  expect(result.incomplete.map(({ transferId }) => transferId)).toEqual(["d", "a", "b", "c"]);
});
