import { readFileSync } from "node:fs";
import { CONSTRUCT_KEYS, STACK_KEYS } from "../../infra/config/config-keys.ts";
import { describe, expect, it } from "../support/jest.ts";

const KEYS = { ...STACK_KEYS, ...CONSTRUCT_KEYS };

describe("docs/configuration.md", () => {
  const page = readFileSync(new URL("../../docs/configuration.md", import.meta.url), "utf8");
  const rows = [...page.matchAll(/^\| `(\w+)` +\| (.*?) +\| (.*?) +\| `(.*?)` +\|$/gm)].map(
    ([, key = "", description = "", defaultValue = "", example = ""]) => ({ key, description, defaultValue, example }),
  );

  it("lists every configuration key, and no other", () => {
    expect(rows.map(({ key }) => key).sort()).toEqual(Object.keys(KEYS).sort());
  });

  it.each(rows)("documents $key as its schema: description, default and a valid example", (row) => {
    const schema = KEYS[row.key as keyof typeof KEYS];
    const defaultValue = schema.parse(undefined);
    const example: unknown = JSON.parse(row.example);

    expect(row.description).toBe(schema.description);
    if (defaultValue !== undefined) expect(row.defaultValue).toBe(`\`${JSON.stringify(defaultValue)}\``);
    // A default that is not in the schema is described in words.
    else expect(row.defaultValue).toMatch(/^[^`]+$/);
    expect(schema.parse(example)).toEqual(example);
    expect(example).not.toEqual(defaultValue);
  });
});
