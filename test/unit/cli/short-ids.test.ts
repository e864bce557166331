import fc from "fast-check";
import { shortIds } from "../../../cli/shared/format/short-ids.ts";
import { selectAccounts } from "../../../cli/shared/select-accounts.ts";
import { describe, expect, it } from "../../support/jest.ts";

describe("shortIds", () => {
  it("returns the shortest prefix of any account that selects only this one, with at least eight digits", () => {
    const anyId = fc.stringMatching(/^account_af2937b[01]-[01]{4}-[01]{3}$/);
    fc.assert(
      fc.property(fc.uniqueArray(anyId, { minLength: 1, maxLength: 20 }), (known) => {
        const short = shortIds(known);

        for (const id of known) {
          const prefix = short(id);
          const accounts = known.map((accountId) => ({ accountId }));
          expect(selectAccounts({ account: [prefix] }, accounts).accountIds).toEqual([id]);
          expect(prefix.length).toBeGreaterThanOrEqual("af2937b0".length);
          if (prefix.length === "af2937b0".length) continue;
          expect(known.filter((one) => one.startsWith(`account_${prefix.slice(0, -1)}`)).length).toBeGreaterThan(1);
        }
        expect(short(["all", ...known].join(" "))).toBe(["all", ...known.map(short)].join(" "));
      }),
    );
  });
});
