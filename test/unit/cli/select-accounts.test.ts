import fc from "fast-check";
import { accountsToRun } from "../../../cli/shared/resolve-accounts.ts";
import { type KnownAccount, knownAccounts, selectAccounts } from "../../../cli/shared/select-accounts.ts";
import { InputError } from "../../../core/domain/errors.ts";
import { anyCharacter } from "../../support/any-character.ts";
import { describe, expect, it } from "../../support/jest.ts";

const idOf = (digit: string) => `account_${digit.repeat(8)}-9846-4fe7-bfe9-ccc22d935114`;
const [treasury, east, operations, nameless] = ["a", "b", "c", "d"].map(idOf) as [string, string, string, string];
const KNOWN: readonly KnownAccount[] = [
  { accountId: treasury, name: "Treasury", type: "prime", owner: "entity_1", key: "us" },
  { accountId: east, name: "Treasury East", formerNames: ["Ops"], type: "prime", owner: "customer_1" },
  {
    accountId: operations,
    name: "Ops",
    formerNames: ["Trading", "Desk*", "aaaaaaaa"],
    type: "business",
    owner: "entity_1",
    key: "emea",
  },
  { accountId: nameless },
];

describe("selectAccounts", () => {
  it.each([
    ["an id", [treasury], [treasury]],
    ["a prefix of an id", ["account_c"], [operations]],
    ["a prefix of an id without account_", ["dddd"], [nameless]],
    ["an id as a table prints it, although another account has this name", ["aaaaaaaa"], [treasury]],
    ["a name, although another one starts with it", ["Treasury"], [treasury]],
    ["a prefix of a name", ["Treasury E"], [east]],
    ["a name in other letters", ["treasury east"], [east]],
    ["a newest name before the same former one", ["Ops"], [operations]],
    ["a former name", ["Trading"], [operations]],
    ["a glob of names", ["Treasury*"], [treasury, east]],
    ["a glob of former names", ["Trad??g"], [operations]],
    ["a name that looks like a glob, as it is", ["Desk*"], [operations]],
    ["an account only once", ["Treasury", "aaaa", "Trea*"], [treasury, east]],
  ])("selects %s", (_, account, expected) => {
    expect(selectAccounts({ account }, KNOWN).accountIds).toEqual(expected);
  });

  it.each([
    ["types", { type: ["prime", "business"] }, [treasury, east, operations]],
    ["a kind of owner", { owner: ["entity"] }, [treasury, operations]],
    ["keys", { key: ["us", "emea"] }, [treasury, operations]],
    ["type, owner and account together", { type: ["prime"], owner: ["entity"], account: ["*r*"] }, [treasury]],
    ["everything by default", {}, [treasury, east, operations, nameless]],
  ])("selects by %s", (_, selection, expected) => {
    expect(selectAccounts(selection, KNOWN).accountIds).toEqual(expected);
  });

  it.each([
    [{ account: ["Tresury"] }, /^--account: unknown account Tresury\. Did you mean Treasury/],
    [{ account: [""] }, /^--account: unknown account ""\./],
    [{ account: ["Trea"] }, /^--account: Trea is ambiguous: it matches Treasury \(account_a\S*\) and Treasury East \(/],
    [{ account: ["Nobody*"] }, /^--account: unknown account Nobody\*\./],
    [{ type: ["cdp"] }, /^--type: no account has the type cdp\. Expected business or prime\.$/],
    [{ owner: [""] }, /^--owner: no account has the owner ""\. Expected customer_1 or entity_1\.$/],
    [
      { type: ["business"], account: ["Treasury"] },
      /^No account matches --account, --type, --owner and --key together\./,
    ],
    [{ key: ["emae"] }, /^--key: no account has the key emae\. Expected emea or us\.$/],
  ])("refuses %j", (selection, message) => {
    const select = () => selectAccounts(selection, KNOWN);

    expect(select).toThrow(InputError);
    expect(select).toThrow(message);
  });

  it("distinguishes accounts that are named from those that only a glob matches", () => {
    const { accountIds, named } = selectAccounts({ account: ["Desk*", "Treasury*", "dddd"] }, KNOWN);

    expect(accountIds).toEqual([operations, treasury, east, nameless]);
    expect([...named]).toEqual([operations, nameless]);
  });

  it("suggests a few owners if there are many", () => {
    const known = Array.from({ length: 11 }, (_, at) => ({ accountId: `account_${at}`, owner: `entity_${at}` }));

    expect(() => selectAccounts({ owner: ["entity_x"] }, known)).toThrow(
      /^--owner: no account has the owner entity_x\. Did you mean entity_\d, entity_\d or entity_\d\?$/,
    );
  });

  describe("for a use that needs exactly one account", () => {
    const select = (given: string) => selectAccounts({ account: [given] }, KNOWN, { field: "id", one: "retire ends" });

    it("accepts a unique prefix", () => {
      expect(select("cccc").accountIds).toEqual([operations]);
    });

    it.each([
      [
        "a glob",
        "Treasury*",
        /^id: Treasury\* matches 2 accounts: Treasury \(\S+\) and Treasury East \(\S+\)\. retire ends one account: give its id or its name\.$/,
      ],
      [
        "a glob that matches one account",
        "Treasury ?ast",
        /^id: Treasury \?ast matches 1 account: .* ends one account/,
      ],
      ["a former name", "Trading", /^id: unknown account Trading\./],
    ])("refuses %s", (_, given, message) => {
      expect(() => select(given)).toThrow(message);
    });
  });

  describe("an account that only its whole id or name selects", () => {
    const known = KNOWN.map((account) => ({ ...account, onlyWhole: account.accountId === operations }));
    const select = (given: string) => selectAccounts({ account: [given] }, known);

    it.each(["ops", operations])("is selected by %s", (given) => {
      expect(select(given).accountIds).toEqual([operations]);
    });

    it("is not matched by a glob that matches others", () => {
      expect(select("*").accountIds).toEqual([treasury, east, nameless]);
    });

    it.each(["cccc", "Trading", "Trad*"])("is refused for %s", (given) => {
      expect(() => select(given)).toThrow(
        /^--account: \S+ matches only accounts that have ended: Ops \(\S+\)\. Give the whole id or the whole name\.$/,
      );
    });
  });

  it("states every problem at once", () => {
    expect(() => selectAccounts({ account: ["x", "y"], type: ["z"] }, KNOWN)).toThrow(/x.*y.*--type/s);
  });

  it("selects an account by its whole name, whatever the name is", () => {
    const anyName = fc.string({ minLength: 1, unit: anyCharacter }).filter((name) => name.trim() === name);
    fc.assert(
      fc.property(
        fc.uniqueArray(anyName, { minLength: 1, maxLength: 6, selector: (name) => name.toLowerCase() }),
        (names) => {
          const known = names.map((name, at) => ({ accountId: idOf(String(at)), name }));

          const selected = known.map(({ name }) => selectAccounts({ account: [name] }, known).accountIds);

          expect(selected).toEqual(known.map(({ accountId }) => [accountId]));
        },
      ),
    );
  });
});

it("accountsToRun returns ended accounts as those that only their whole id or name selects", () => {
  const period = { since: "2026-11-01T00:00:00.000Z", from: 1 };
  const activities = new Map([
    [treasury, { periods: [period] }],
    [east, { periods: [{ ...period, until: "2026-11-02T00:00:00.000Z", to: 2 }] }],
    [nameless, { periods: [], pendingSince: "2026-11-02T00:00:00.000Z" }],
  ]);

  const selected = accountsToRun(activities).filter(({ onlyWhole }) => onlyWhole);

  expect(selected.map(({ accountId }) => accountId)).toEqual([east]);
});

describe("knownAccounts", () => {
  it("returns the newest name, type, owner and key, and the former names", () => {
    const descriptions = [
      { from: 1, name: "Old", type: "cdp" },
      { from: 2, name: "New", type: "prime", owner: "entity_1", key: "emea" },
    ];

    expect(knownAccounts(new Map([[treasury, { periods: [], descriptions }]]))).toEqual([
      { accountId: treasury, name: "New", formerNames: ["Old"], type: "prime", owner: "entity_1", key: "emea" },
    ]);
  });
});
