import { slotAt } from "../../../core/domain/slot.ts";
import { verifyIndependently } from "../../support/independent-verifier.ts";
import { afterAll, beforeAll, describe, expect, it } from "../../support/jest.ts";
import { eventsOf, put } from "../../support/tampering.ts";
import { tableOf } from "../table/embedded.ts";
import { findIn, HOUR, NOW, START, type Written, writeTwoAccounts } from "./history.ts";

let written: Written;
beforeAll(async () => {
  written = await writeTwoAccounts();
});
afterAll(() => written.table.close());

describe("verify compares when an account counts with its history", () => {
  const early = { S: "2020-01-01T00:00:00.000Z" };
  const newest = { S: slotAt(START + NOW * HOUR - 1) };

  it.each([
    ["a start that states another time", { at: early }, "The account starts at 2020-01-01T00:00:00.000Z, but"],
    ["an end that applies before its slot", { event: "end", slot: newest, at: early }, "but already at 2020-01-01"],
  ])(
    "and finds %s",
    async (_, { event, slot, at }: { event?: string; slot?: { S: string }; at: { S: string } }, message) => {
      const [accountId = ""] = written.ids;
      const [start = {}] = eventsOf(written.intact, accountId);
      const sort = event === undefined ? start["slot"] : { S: `${accountId} ${slot?.S} ${event}` };
      const changed = put(written.intact, { ...start, slot: sort ?? { S: "" }, at });

      const findings = await findIn(changed);

      expect(findings).toMatchObject([
        { code: "account_differs", accountId, message: expect.stringContaining(message) },
      ]);
      const { client, name } = tableOf(changed);
      const wrong = await verifyIndependently(client, name, [], START + NOW * HOUR);
      expect(wrong.map(({ place }) => place)).toEqual(findings.map((finding) => finding.slot));
    },
  );
});
