import { readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import { EXPIRES_AT } from "../../core/names/table-keys.ts";
import { KEYS } from "../../infra/config/config-keys.ts";
import { drawArchitecture } from "../../tools/diagram/architecture.ts";
import { withDiagram } from "../../tools/diagram/draw.ts";
import { EVERY_OPTION } from "./configurations.ts";
import { synth } from "./synth.ts";
import { only, resourcesOf } from "./template.ts";

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

const { template } = synth();
const { template: full } = synth(EVERY_OPTION);

describe("docs/configuration.md", () => {
  const rows = [...read("docs/configuration.md").matchAll(/^\| `(\w+)` +\| (.*?) +\| (.*?) +\| `(.*?)` +\|$/gm)].map(
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

describe("docs/cost.md", () => {
  it("states the number of alarms and metrics", () => {
    const alarms = Object.values(template.findResources("AWS::CloudWatch::Alarm"));
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

/** The alarm descriptions, by name without the prefix. */
const alarms = new Map<string, string>(
  Object.values(full.findResources("AWS::CloudWatch::Alarm")).map(({ Properties }) => [
    Properties.AlarmName.replace("cdp-balance-snapshots-dev-", ""),
    Properties.AlarmDescription,
  ]),
);
const runbook = read("docs/runbook.md");
const anchors = [...runbook.matchAll(/^## (.+)$/gm)].map(([, title = ""]) => anchorOf(title));

describe("the runbook", () => {
  it.each([...alarms])("has a section on %s, to which the alarm's description refers", (name, description) => {
    expect(description).toMatch(new RegExp(`^[A-Z].+\\. What to do: docs/runbook\\.md#${name}$`));
    expect(anchors).toContain(name);
  });

  it("states the meaning, the check and the fix of every alarm", () => {
    const sections = runbook.split(/^## /m).filter((text) => alarms.has(anchorOf(text.split("\n")[0] ?? "")));

    expect(sections).toHaveLength(alarms.size);
    for (const section of sections) {
      expect(section).toMatch(/\*\*Meaning\.\*\*[\s\S]+\*\*Check\.\*\*[\s\S]+\*\*Fix\.\*\*/);
    }
  });

  it("has no broken internal link", () => {
    const links = [...runbook.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor]) => anchor);

    expect(links.length).toBeGreaterThan(10);
    expect(anchors).toEqual(expect.arrayContaining(links));
  });

  it("uses outputs, saved queries and a table that the stack has", () => {
    const outputs = Object.keys(full.findOutputs("*"));
    const used = [...runbook.matchAll(/\bout ([A-Z]\w+)/g)].map(([, output]) => output);
    const queries = JSON.stringify(template.findResources("AWS::Logs::QueryDefinition"));

    expect(used.length).toBeGreaterThan(5);
    expect(outputs).toEqual(expect.arrayContaining(used));
    for (const name of ["Failed accounts", "Slowest accounts", "Events of one slot"]) {
      expect(runbook).toContain(`_${name}_`);
      expect(queries).toContain(`/${name}`);
    }
    // `cdk import` maps the restored table to this logical ID.
    expect(runbook).toContain(only(template, "AWS::DynamoDB::GlobalTable"));
    expect(runbook).toContain(`AttributeName=${EXPIRES_AT}`);
  });

  it("imports retained resources with a fixed name, because they could not be created again", () => {
    const retained = resourcesOf(full).filter(
      ([, { DeletionPolicy, Properties = {} }]) =>
        DeletionPolicy === "Retain" && Object.keys(Properties).some((property) => /^(Name|\w+Name)$/.test(property)),
    );

    expect(retained.map(([, { Type }]) => Type)).toEqual(["AWS::Backup::BackupVault"]);
    for (const [id] of retained) expect(runbook).toContain(`"${id}":`);
  });
});

/** Returns the anchor that GitHub generates for a heading. */
function anchorOf(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^\w\- ]/g, "")
    .replaceAll(" ", "-");
}
