import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { actionsOf, importedFiles } from "../support/aws-calls.ts";
import { describe, expect, it } from "../support/jest.ts";
import { EVERY_OPTION } from "./configurations.ts";
import { synth } from "./synth.ts";
import { allow, attribute, join, only, propertiesOf, pseudo } from "./template.ts";

const POLICY = "AWS::IAM::ManagedPolicy";
const QUERY = "dynamodb:Query";
const PUT = "dynamodb:PutItem";
const STACK = "cloudformation:DescribeStacks";
/** With `--stack`, before the first scheduled run. */
const SCHEDULE = ["cloudformation:ListStackResources", "scheduler:GetSchedule"];
const SECRET = "secretsmanager:GetSecretValue";
/** What some commands call in addition. */
const ADDITIONAL: Readonly<Record<string, readonly string[]>> = { gaps: SCHEDULE, reconcile: [SECRET] };

const { template } = synth();
const { template: full } = synth(EVERY_OPTION);
const pathOf = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const read = (path: string) => readFileSync(pathOf(path), "utf8");

describe("the policy for readers", () => {
  const query = allow(QUERY, attribute(only(template, "AWS::DynamoDB::GlobalTable")));

  it("allows to query the table, nothing else, and is attached to nobody", () => {
    const { PolicyDocument, ManagedPolicyName, Roles, Users, Groups } = propertiesOf(template, POLICY);

    expect(PolicyDocument.Statement).toEqual([query]);
    // Without a fixed name, the stack needs no CAPABILITY_NAMED_IAM and fits into an account twice.
    expect([ManagedPolicyName, Roles, Users, Groups]).toEqual([undefined, undefined, undefined, undefined]);
    template.hasOutput("ReaderPolicyArn", { Value: { Ref: only(template, POLICY) } });
  });

  it("with a customer managed key also allows to decrypt with it, through DynamoDB only", () => {
    const Condition = { StringEquals: { "kms:ViaService": [join(["dynamodb.eu-west-1.", pseudo("URLSuffix")])] } };

    expect(propertiesOf(full, POLICY).PolicyDocument.Statement).toEqual([
      query,
      { ...allow("kms:Decrypt", EVERY_OPTION.kmsKeyArn), Condition },
    ]);
  });
});

const STORE_MODULE = pathOf("core/table/snapshot-store.ts");

/** Returns the calls to AWS of a command. Those of `local/` only reach the embedded table. */
function callsOf(command: string): string[] {
  const isExcluded = (path: string) =>
    path.includes("/local/") || (command === "accounts" && path.endsWith("/commands/retire.ts"));
  const files = importedFiles(pathOf(`cli/commands/${command}.ts`), isExcluded);
  const calls = new Set([...files.values()].flatMap(actionsOf));
  // Every command loads the module of the table, which can put. Only the store, which commands that read do not load, does.
  if (!files.has(STORE_MODULE)) calls.delete(PUT);
  return [...calls].sort();
}

describe("the calls to AWS", () => {
  const others = ["completion", "demo", "doctor", "retire", "snapshot"];
  const readers = readdirSync(pathOf("cli/commands"))
    .map((file) => file.replace(".ts", ""))
    .filter((name) => !others.includes(name));

  it("of every command that reads are a query, --stack describes the stack, and gaps and reconcile may ask for more", () => {
    expect(readers.length).toBeGreaterThan(9);
    for (const command of readers) {
      const others = ADDITIONAL[command] ?? [];
      expect([command, callsOf(command)]).toEqual([command, [STACK, QUERY, ...others].sort()]);
    }
  });

  it.each(["retire", "snapshot"])("of %s additionally put items", (command) => {
    // The command gives a key file to the job, which could also read the key from a secret.
    expect(callsOf(command).filter((action) => action !== SECRET)).toEqual([STACK, PUT, QUERY]);
  });

  it("of doctor are those that docs/doctor.md lists", () => {
    const [, json = ""] = /## IAM permissions\n\n```json\n([\s\S]+?)```/.exec(read("docs/doctor.md")) ?? [];

    expect(callsOf("doctor")).toEqual(JSON.parse(json).Action);
  });

  it("are in docs/history.md, command by command", () => {
    const [, section = ""] = read("docs/history.md").split(/^## Permissions$/m);
    const rows = section.split("\n## ")[0]?.match(/^\| .*/gm) ?? [];
    const row = (command: string) => rows.find((text) => text.startsWith(`| \`${command}\``));

    expect(row("latest")).toContain(QUERY);
    for (const command of readers) expect(row("latest")?.split("|")[1]).toContain(`\`${command}\``);
    expect(row("--stack")).toContain(STACK);
    for (const action of SCHEDULE) expect(row("gaps --stack")).toContain(action);
    expect(row("reconcile --secret")).toContain(SECRET);
    expect(row("reconcile --secret")).toContain("transfers:read");
    for (const command of ["accounts retire", "snapshot"]) {
      expect(row(command)).toContain(PUT);
      expect(row(command)).toContain(QUERY);
    }
  });
});
