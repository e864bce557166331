import fc from "fast-check";
import { shortIds } from "../../../cli/shared/format/short-ids.ts";
import { selectAccounts } from "../../../cli/shared/select-accounts.ts";
import { describe, expect, it } from "../../support/jest.ts";

describe("shortIds", () => {
  it("returns the shortest prefix of any account that selects only this one, with at least eight digits", () => {
    const anyId = fc.stringMatching(/^account_af2937b[01]-[01]{4}-[01]{3}$/);
    fc.assert(
      fc.property(fc.uniqueArray(anyId, { minLength: 1, maxLength: 20 }), (known) => {
        const accounts = known.map((accountId) => ({ accountId }));
        const short = shortIds(known);

        const prefixes = known.map(short);

        const selected = prefixes.map((prefix) => selectAccounts({ account: [prefix] }, accounts).accountIds);
        expect(selected).toEqual(known.map((id) => [id]));
        expect(Math.min(...prefixes.map(({ length }) => length))).toBeGreaterThanOrEqual("af2937b0".length);
        const selectsOne = (prefix: string) => known.filter((id) => id.startsWith(`account_${prefix}`)).length === 1;
        const longer = prefixes.filter(({ length }) => length > "af2937b0".length);
        expect(longer.filter((prefix) => selectsOne(prefix.slice(0, -1)))).toEqual([]);
        expect(short(["all", ...known].join(" "))).toBe(["all", ...known.map(short)].join(" "));
      }),
    );
  });
});
