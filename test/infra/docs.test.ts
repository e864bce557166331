import { readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import { KEYS } from "../../infra/config/config-keys.ts";
import { drawArchitecture } from "../../tools/diagram/architecture.ts";
import { withDiagram } from "../../tools/diagram/draw.ts";
import { synth } from "./synth.ts";

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

describe("docs/configuration.md", () => {
  const rows = [...read("docs/configuration.md").matchAll(/^\| `(\w+)` +\| (.*?) +\| (.*?) +\| `(.*?)` +\|$/gm)].map(
    ([, key = "", description = "", defaultValue = "", example = ""]) => ({ key, description, defaultValue, example }),
  );

  it("lists every configuration key, and no other", () => {
    expect(rows.map(({ key }) => key).sort()).toEqual(Object.keys(KEYS).sort());
  });

  it.each(rows)("describes $key as the error messages do", ({ key, description }) => {
    expect(description).toBe(KEYS[key as keyof typeof KEYS].description);
  });

  it.each(rows)(
    "shows the default of $key: as code if the schema has it, otherwise in words",
    ({ key, defaultValue }) => {
      const { data, success } = KEYS[key as keyof typeof KEYS].safeParse(undefined);

      expect(success).toBe(true);
      if (data === undefined) expect(defaultValue).toMatch(/^[^`]+$/);
      else expect(defaultValue).toBe(`\`${JSON.stringify(data)}\``);
    },
  );

  it.each(rows)("has a valid example of $key that differs from the default", ({ key, example }) => {
    const given: unknown = JSON.parse(example);
    const schema = KEYS[key as keyof typeof KEYS];

    expect(schema.parse(given)).toEqual(given);
    expect(schema.parse(given)).not.toEqual(schema.parse(undefined));
  });
});

describe("docs/cost.md", () => {
  it("states the number of alarms and metrics", () => {
    const alarms = Object.values(synth().template.findResources("AWS::CloudWatch::Alarm"));
    const metrics = alarms.flatMap(({ Properties }) =>
      Properties.Metrics === undefined
        ? [Properties.MetricName]
        : Properties.Metrics.filter((metric: object) => "MetricStat" in metric),
    );

    expect(read("docs/cost.md")).toContain(`${alarms.length} alarms on ${metrics.length} metrics`);
  });
});

describe("the diagram in the README", () => {
  it("is up to date; otherwise run npm run draw", () => {
    const readme = read("README.md");

    expect(readme).toBe(withDiagram(readme));
  });

  it("requires a decision on whether a new resource type is drawn", () => {
    expect(() => drawArchitecture({ Resources: { New: { Type: "AWS::S3::Bucket" } } })).toThrow(
      "New: add AWS::S3::Bucket to BOXES or NOT_DRAWN",
    );
  });
});
