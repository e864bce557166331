import { countsField, coverageField, fieldsOf } from "../../../cli/shared/fields.ts";
import { describe, expect, it } from "../../support/jest.ts";

const [FIRST, SECOND, NAMELESS] = ["a", "b", "c"].map((digit) => `account_${digit.repeat(8)}-9846`) as [
  string,
  string,
  string,
];
const NAMES = new Map([
  [FIRST, "Treasury"],
  [SECOND, "Treasury, East"],
]);
const history = {
  accountIds: [FIRST, SECOND, NAMELESS],
  description: (accountId: string) => ({ accountId, name: NAMES.get(accountId) }),
};

describe("a list of accounts", () => {
  const row = { without: [FIRST, SECOND, NAMELESS] };
  const fieldFor = (format: string) => {
    const fields = fieldsOf<typeof row>({ without: "accounts" }, { timezone: "UTC", history });
    return fields.find(({ only }) => only === format);
  };

  it("has names with short ids in a table, so that equal names and names with a comma are distinct", () => {
    const field = fieldFor("table");

    expect(field?.inTable?.(field.text(row) ?? "")).toBe("Treasury aaaaaaaa, Treasury, East bbbbbbbb, cccccccc");
  });

  it("has whole ids in CSV", () => {
    expect(fieldFor("csv")?.text(row)).toBe(row.without.join(" "));
  });
});

describe("the column of keys", () => {
  const row = { accountId: FIRST, accountName: "Treasury", key: "emea" };
  const titles = (hasKeys?: boolean) =>
    fieldsOf<typeof row>(
      { accountId: "account" },
      { timezone: "UTC", history: { ...history, ...(hasKeys && { hasKeys }) } },
    )
      .filter(({ only }) => only !== "table")
      .map((field) => [field.title, field.text(row)]);

  it("is beside an account only if a key has a name", () => {
    const account = [
      ["accountId", FIRST],
      ["accountName", "Treasury"],
    ];

    expect(titles()).toEqual(account);
    expect(titles(true)).toEqual([...account, ["key", "emea"]]);
  });
});

describe("the columns of counts", () => {
  it.each([
    [{ covers: 40, of: 41 }, "40 of 41"],
    [{ covers: 0, of: 0 }, ""],
    [{}, ""],
  ])("coverage of %j is %j", (row, text) => {
    expect(coverageField().text(row)).toBe(text);
  });

  it.each([
    [{ accounts: 3, accountsOf: 4 }, "3 of 4"],
    [{ accounts: 3 }, "3"],
    [{}, ""],
  ])("accounts of %j are %j", (row, text) => {
    expect(countsField().text(row)).toBe(text);
  });
});
