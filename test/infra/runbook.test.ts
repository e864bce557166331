import { readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import { EXPIRES_AT } from "../../../core/names/table-keys.ts";
import { EVERY_OPTION } from "../configurations.ts";
import { synth } from "../synth.ts";
import { only } from "../template.ts";

interface Resource {
  readonly Type: string;
  readonly DeletionPolicy?: string;
  readonly Properties: object;
}

const { template } = synth();

/** What each alarm says, by its name without the stack's. */
const told = new Map<string, string>(
  Object.values(synth({ noticeAlarm: true }).template.findResources("AWS::CloudWatch::Alarm")).map(({ Properties }) => [
    Properties.AlarmName.replace("cdp-balance-snapshots-", ""),
    Properties.AlarmDescription,
  ]),
);
const runbook = readFileSync(new URL("../../../docs/runbook.md", import.meta.url), "utf8");
const anchors = [...runbook.matchAll(/^## (.+)$/gm)].map(([, title = ""]) => anchorOf(title));

describe("the runbook", () => {
  it.each([...told])("has a section %s, which that alarm names after it said what happened", (name, description) => {
    expect(description).toMatch(new RegExp(`^[A-Z].+\\. What to do: docs/runbook\\.md#${name}$`));
    expect(anchors).toContain(name);
  });

  it("tells in each such section what it means, where to look, and what to do", () => {
    const sections = runbook.split(/^## /m).filter((text) => told.has(anchorOf(text.split("\n")[0] ?? "")));

    expect(sections).toHaveLength(told.size);
    for (const section of sections) {
      expect(section).toMatch(/\*\*What it means\.\*\*[\s\S]+\*\*Look here\.\*\*[\s\S]+\*\*Do this\.\*\*/);
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
  ])("has a section %s", (anchor) => {
    expect(anchors).toContain(anchor);
  });

  it("has no link that leads nowhere", () => {
    const links = [...runbook.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor]) => anchor);

    expect(links.length).toBeGreaterThan(10);
    expect(anchors).toEqual(expect.arrayContaining(links));
  });

  it("asks for outputs, queries and a table that the stack has", () => {
    const outputs = Object.keys(synth({ staticEgress: true }).template.findOutputs("*"));
    const asked = [...runbook.matchAll(/\bout ([A-Z]\w+)/g)].map(([, output]) => output);
    const queries = JSON.stringify(template.findResources("AWS::Logs::QueryDefinition"));

    expect(asked.length).toBeGreaterThan(5);
    expect(outputs).toEqual(expect.arrayContaining(asked));
    for (const name of ["Failed accounts", "Slowest accounts", "The story of one slot"]) {
      expect(runbook).toContain(`_${name}_`);
      expect(queries).toContain(`/${name}`);
    }
    // What `cdk import` maps the restored table to.
    expect(runbook).toContain(only(template, "AWS::DynamoDB::GlobalTable"));
    expect(runbook).toContain(`AttributeName=${EXPIRES_AT}`);
  });

  it("adopts again what a destroyed stack leaves behind under a fixed name, for that could not be made again", () => {
    const { template: full } = synth(EVERY_OPTION);
    const left = Object.entries(full.toJSON()["Resources"] as Record<string, Resource>).filter(
      ([, { DeletionPolicy, Properties }]) =>
        DeletionPolicy === "Retain" && Object.keys(Properties).some((property) => /^(Name|\w+Name)$/.test(property)),
    );

    expect(left.map(([, { Type }]) => Type)).toEqual(["AWS::Backup::BackupVault"]);
    for (const [id] of left) expect(runbook).toContain(`"${id}":`);
  });
});

/** A heading's anchor, as GitHub makes it. */
function anchorOf(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^\w\- ]/g, "")
    .replaceAll(" ", "-");
}
