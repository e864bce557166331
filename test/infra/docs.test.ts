import { readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import { KEYS } from "../../../infra/config/config-keys.ts";
import { drawArchitecture } from "../../../tools/diagram/architecture.ts";
import { withPicture } from "../../../tools/diagram/draw.ts";
import { synth } from "../synth.ts";

const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8");

describe("docs/configuration.md", () => {
  const rows = [...read("docs/configuration.md").matchAll(/^\| `(\w+)` +\| (.*?) +\| (.*?) +\| `(.*?)` +\|$/gm)].map(
    ([, key = "", takes = "", preset = "", example = ""]) => ({ key, takes, preset, example }),
  );

  it("has every key of the configuration, and no other", () => {
    expect(rows.map(({ key }) => key).sort()).toEqual(Object.keys(KEYS).sort());
  });

  it.each(rows)("says of $key what it takes, as the messages do", ({ key, takes }) => {
    expect(takes).toBe(KEYS[key as keyof typeof KEYS].description);
  });

  it.each(rows)("says the default of $key; in code where the schema has it, else in words", ({ key, preset }) => {
    const { data, success } = KEYS[key as keyof typeof KEYS].safeParse(undefined);

    expect(success).toBe(true);
    if (data === undefined) expect(preset).toMatch(/^[^`]+$/);
    else expect(preset).toBe(`\`${JSON.stringify(data)}\``);
  });

  it.each(rows)("has an example of $key that is taken, and is not the default", ({ key, example }) => {
    const given: unknown = JSON.parse(example);
    const schema = KEYS[key as keyof typeof KEYS];

    expect(schema.parse(given)).toEqual(given);
    expect(schema.parse(given)).not.toEqual(schema.parse(undefined));
  });
});

describe("docs/cost.md", () => {
  it("counts the alarms that there are", () => {
    const alarms = Object.values(synth().template.findResources("AWS::CloudWatch::Alarm"));
    const metrics = alarms.flatMap(({ Properties }) =>
      Properties.Metrics === undefined
        ? [Properties.MetricName]
        : Properties.Metrics.filter((metric: object) => "MetricStat" in metric),
    );

    expect(read("docs/cost.md")).toContain(`${alarms.length} alarms on ${metrics.length} metrics`);
  });
});

describe("the picture in the README", () => {
  it("is drawn from the stack as it is (npm run draw)", () => {
    const readme = read("README.md");

    expect(readme).toBe(withPicture(readme));
  });

  it("refuses a resource of which nobody decided whether it is drawn", () => {
    expect(() => drawArchitecture({ Resources: { New: { Type: "AWS::S3::Bucket" } } })).toThrow(
      "New: is a AWS::S3::Bucket",
    );
  });
});
