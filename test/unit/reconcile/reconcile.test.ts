import { reconcile } from "../../../core/reconcile/reconcile.ts";
import { expect, it } from "../../support/jest.ts";
import { endsOf, transferOf } from "./transfers.ts";

it("a deposit in the period explains the change", () => {
  const { lines } = reconcile([endsOf({ usd: "1.50" }, { usd: "11.5" })], [transferOf()]);

  expect(lines).toEqual([
    {
      accountId: "a",
      asset: "usd",
      state: "explained",
      opening: "1.50",
      in: "10",
      out: "0",
      fees: "0",
      closing: "11.5",
      unexplained: "0.00",
      unexplainedWith: null,
      unexplainedOtherwise: "0.00",
      transfers: ["t"],
      undetermined: [],
    },
  ]);
});
