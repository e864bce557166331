import { QueryCommand } from "@aws-sdk/client-dynamodb";
import { makeAccount, makeBalances } from "../support/accounts.ts";
import { afterAll, beforeAll, describe, expect, it } from "../support/jest.ts";
import { startKeysWorld } from "../support/world/keys-world.ts";
import { largeSnapshotAt } from "../unit/integrity/history.ts";
import { newAccount, newStore, type RawItem, startTestTable, type TestTable, tableOf } from "../unit/table/embedded.ts";
import { FORMATS, readDump } from "./dump.ts";
import { writeExample } from "./example-table.ts";
import { attributesOf, DOCUMENTED, kindOf, PAGE } from "./format-page.ts";

// docs/format.md describes the items that the job writes, and no others.

let written: readonly RawItem[];
beforeAll(async () => {
  const large = tableOf([]);
  for (const days of [undefined, 30]) await newStore(large, days).save(largeSnapshotAt(newAccount(), 1), []);
  written = [...(await writeExample()).items(), ...large.items()];
});

describe("docs/format.md", () => {
  it("has a section for each kind of item that the job writes", () => {
    expect([...new Set(written.map(kindOf))].sort()).toEqual([...DOCUMENTED.keys()].sort());
    const listed = [...PAGE.matchAll(/^\| \[([^\]]+)\]\(#[a-z-]+\) +\| `/gm)].map(([, kind]) => kind);
    expect(listed).toEqual([...DOCUMENTED.keys()]);
  });

  it.each([...DOCUMENTED])("lists the attributes of a %s: types, and which are always present", (kind, documented) => {
    const items = written.filter((item) => kindOf(item) === kind).map(attributesOf);

    const types = new Map<string, Set<string>>();
    for (const [name, type] of items.flat()) types.set(name, (types.get(name) ?? new Set()).add(type));
    expect(Object.fromEntries([...types].map(([name, seen]) => [name, [...seen].sort()]))).toEqual(
      Object.fromEntries([...documented].map(([name, { types: stated }]) => [name, [...stated].sort()])),
    );
    for (const [name, { isAlways }] of documented) {
      const isMissing = items.some((attributes) => attributes.every(([present]) => present !== name));
      expect([name, !isMissing]).toEqual([name, isAlways]);
    }
  });

  it("has examples from the dump", () => {
    const examples = [...PAGE.matchAll(/^```json\n([\s\S]*?)\n```$/gm)].map(([, text = ""]) => JSON.parse(text));

    const dump = readDump(FORMATS.at(-1) ?? 0);
    for (const example of examples) expect(dump).toContainEqual(example);
    expect(examples.map(kindOf)).toEqual([...DOCUMENTED.keys()]);
  });

  it("describes what a run of the deployed function writes", async () => {
    const account = makeAccount(makeBalances(3));
    const world = await startKeysWorld({ emea: { accounts: [account] }, us: { accounts: [], revoked: true } });
    await expect(world.runHour(10, { emea: {}, us: {} })).rejects.toThrow(/1 of 2 keys failed/);

    const items = await world.items();

    const undocumented = items.flatMap((item) => {
      const documented = DOCUMENTED.get(kindOf(item));
      return attributesOf(item).filter(([name, type]) => !documented?.get(name)?.types.includes(type));
    });
    expect(undocumented).toEqual([]);
    const kinds = new Set(items.map(kindOf));
    for (const kind of ["Snapshot", "Chain entry", "Failed run", "Account event", "Assets", "Schedule"]) {
      expect(kinds).toContain(kind);
    }
    await world.close();
  });
});

describe("the queries in docs/format.md", () => {
  const account = /^ACCOUNT=(\S+)$/m.exec(PAGE)?.[1] ?? "";
  const commands = [...PAGE.matchAll(/^# (.+)\naws dynamodb query ((?:.*\n)+?)(?=\n|```)/gm)].map(
    ([, title = "", text = ""]) => [title, text] as const,
  );
  let table: TestTable;
  beforeAll(async () => {
    table = await startTestTable();
    for (const item of readDump(1)) await table.put(item);
  });
  afterAll(() => table.close());

  /** Returns the value of an option, without its quotes. In double quotes, the shell replaces variables. */
  function optionOf(text: string, name: string): string | undefined {
    const [, single, double] = new RegExp(`--${name} (?:'([^']*)'|"((?:\\\\"|[^"])*)")`).exec(text) ?? [];
    return single ?? double?.replaceAll('\\"', '"').replaceAll("$ACCOUNT", account);
  }

  it.each(commands)("%s", async (_, text) => {
    const names = optionOf(text, "expression-attribute-names");
    const query = {
      KeyConditionExpression: optionOf(text, "key-condition-expression"),
      FilterExpression: optionOf(text, "filter-expression"),
      ExpressionAttributeNames: names === undefined ? undefined : JSON.parse(names),
      ExpressionAttributeValues: JSON.parse(optionOf(text, "expression-attribute-values") ?? ""),
      ScanIndexForward: !text.includes("--no-scan-index-forward"),
    };

    const { Items = [] } = await table.client.send(new QueryCommand({ TableName: table.name, ...query }));

    expect(Items.length).toBeGreaterThan(0);
    expect(new Set(Items.map(kindOf)).size).toBe(1);
  });

  it("are as many as the page has", () => {
    expect(commands).toHaveLength(PAGE.match(/aws dynamodb query/g)?.length ?? 0);
  });
});
