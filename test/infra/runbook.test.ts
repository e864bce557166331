import { readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import { EXPIRES_AT } from "../../core/names/table-keys.ts";
import { EVERY_OPTION } from "./configurations.ts";
import { synth } from "./synth.ts";
import { only, resourcesOf } from "./template.ts";

const { template } = synth();

/** The alarm descriptions, by name without the prefix. */
const alarms = new Map<string, string>(
  Object.values(synth(EVERY_OPTION).template.findResources("AWS::CloudWatch::Alarm")).map(({ Properties }) => [
    Properties.AlarmName.replace("cdp-balance-snapshots-dev-", ""),
    Properties.AlarmDescription,
  ]),
);
const runbook = readFileSync(new URL("../../docs/runbook.md", import.meta.url), "utf8");
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

  it.each([
    "redrive-a-dead-letter",
    "rotate-the-key",
    "restore-drill",
    "redo-a-slot",
    "stop-the-schedule",
    "add-accounts",
    "check-that-alarms-reach-you",
  ])("has a section on %s", (anchor) => {
    expect(anchors).toContain(anchor);
  });

  it("has no broken internal link", () => {
    const links = [...runbook.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor]) => anchor);

    expect(links.length).toBeGreaterThan(10);
    expect(anchors).toEqual(expect.arrayContaining(links));
  });

  it("uses outputs, saved queries and a table that the stack has", () => {
    const outputs = Object.keys(synth({ staticEgress: true }).template.findOutputs("*"));
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
    const { template: full } = synth(EVERY_OPTION);
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
