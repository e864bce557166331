import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Match, type Template } from "aws-cdk-lib/assertions";
import { EXPIRES_AT } from "../../core/names/table-keys.ts";
import { drawArchitecture, withDiagram } from "../../tools/diagram.ts";
import { actionsOf, importedFiles } from "../support/aws-calls.ts";
import { describe, expect, it } from "../support/jest.ts";
import { EVERY_OPTION, SEVERAL_KEYS, STEP_FUNCTIONS } from "./configurations.ts";
import { synth } from "./synth.ts";
import {
  environmentOf,
  fixedNames,
  functionRoleId,
  only,
  propertiesOf,
  resourcesOf,
  type Statement,
  statementsOf,
} from "./template.ts";

const { template } = synth();
const { template: full } = synth(EVERY_OPTION);
const { template: longRuns } = synth(STEP_FUNCTIONS);
/** Every option, with other values than in `EVERY_OPTION`. */
const OTHER_VALUES = {
  ...EVERY_OPTION,
  stage: "prod",
  tags: { Stage: "production" },
  terminationProtection: "false",
  logRetentionDays: "90",
};
const { template: others } = synth(OTHER_VALUES);
const TEMPLATES: [string, Template][] = [
  ["the defaults", template],
  ["every option", full],
  ["the engine stepFunctions", longRuns],
];

/** Returns the types of the resources with a deletion policy. */
const typesWith = (template: Template, policy: string) =>
  resourcesOf(template)
    .filter(([, { DeletionPolicy }]) => DeletionPolicy === policy)
    .map(([, { Type }]) => Type)
    .sort();

describe("deleting the stack", () => {
  const SECRET = "AWS::SecretsManager::Secret";
  const BACKUPS = ["AWS::Backup::BackupVault", "AWS::IAM::Policy", "AWS::IAM::Role"];

  it.each([
    ["the defaults", template, [SECRET]],
    ["every option", full, [...BACKUPS, "AWS::S3::Bucket", SECRET]],
  ])("with %s retains everything that holds data, and nothing else", (_, template, expected) => {
    expect(typesWith(template, "RetainExceptOnCreate")).toEqual(expected);
    // Deletion protection would make the rollback of a first deployment fail.
    expect(typesWith(template, "Retain")).toEqual(["AWS::DynamoDB::GlobalTable"]);
    for (const [, { DeletionPolicy = "", UpdateReplacePolicy }] of resourcesOf(template)) {
      if (DeletionPolicy.startsWith("Retain")) expect(UpdateReplacePolicy).toBe("Retain");
    }
  });

  it("retains nothing with a fixed name, which would block another deployment", () => {
    const named = resourcesOf(full).flatMap(([id, { Type, DeletionPolicy = "", Properties = {} }]) =>
      Object.entries(Properties)
        .filter(([key]) => DeletionPolicy.startsWith("Retain") && /^(Name|\w+Name)$/.test(key) && key !== "PolicyName")
        .map(([key, value]) => ({ id, Type, key, value: JSON.stringify(value) })),
    );

    expect(named).toEqual([
      expect.objectContaining({ key: "BackupVaultName", value: expect.stringContaining("AWS::StackId") }),
    ]);
  });
});

describe("termination protection", () => {
  it.each([
    ["is on by default", {}, true],
    ["can be switched off", OTHER_VALUES, false],
  ])("%s", (_, flags, expected) => {
    const { stacks } = synth(flags).app.synth();

    expect(stacks.map(({ terminationProtection = false }) => terminationProtection)).toEqual([expected]);
  });
});

describe("the retention of the logs", () => {
  const retentionOf = (template: Template, having: string) =>
    propertiesOf(template, "AWS::Logs::LogGroup", having).RetentionInDays;

  it("is a year for both functions, or logRetentionDays", () => {
    expect([retentionOf(full, "SnapshotLogs"), retentionOf(full, "AnchorLogs")]).toEqual([365, 365]);
    expect([retentionOf(others, "SnapshotLogs"), retentionOf(others, "AnchorLogs")]).toEqual([90, 90]);
  });
});

describe("stages", () => {
  it("have different fixed names and service names, so that two can be deployed to one AWS account", () => {
    const dev = fixedNames(full);
    const prod = fixedNames(others);

    expect(dev.length).toBeGreaterThan(10);
    expect(dev).toHaveLength(prod.length);
    expect(dev.filter((name) => prod.includes(name))).toEqual([]);
    expect(environmentOf(full)["POWERTOOLS_SERVICE_NAME"]).toBe("cdp-balance-snapshots-dev");
  });
});

describe("tags", () => {
  it("replace a tag of the stack whose key differs in case only, because IAM does not distinguish them", () => {
    const keys = propertiesOf(others, "AWS::SQS::Queue").Tags.map(({ Key }: { Key: string }) => Key);
    expect(keys.sort()).toEqual(["Stage", "application", "stack"]);
  });

  it("name the application, the stack, the stage and the configured tags on every resource that CDK can tag", () => {
    const tagged = resourcesOf(full).filter(([, { Properties }]) => JSON.stringify(Properties).includes('Tags":['));

    expect(tagged.length).toBeGreaterThan(40);
    for (const [, { Properties }] of tagged) {
      const text = JSON.stringify(Properties);
      for (const key of ["application", "stack", "stage", "team"]) expect(text).toContain(`"${key}"`);
    }
    expect(propertiesOf(full, "AWS::SQS::Queue").Tags).toEqual([
      { Key: "application", Value: "cdp-balance-snapshots" },
      { Key: "stack", Value: "cdp-balance-snapshots-dev" },
      { Key: "stage", Value: "dev" },
      { Key: "team", Value: "finance" },
    ]);
  });
});

describe("the function's permissions", () => {
  /** Permissions that Lambda uses on the function's behalf, not its code. */
  const LAMBDA_SERVICE = [
    "logs:CreateLogStream",
    "logs:PutLogEvents",
    // Dead letters.
    "sqs:SendMessage",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
  ];
  const files = importedFiles(fileURLToPath(new URL("../../lambda/snapshot/handler.ts", import.meta.url)));
  const needed = [...new Set([...files.values()].flatMap(actionsOf)), ...LAMBDA_SERVICE].sort();

  it("are exactly the calls in its code and what Lambda needs", () => {
    expect(needed.length).toBeGreaterThan(LAMBDA_SERVICE.length + 2);
    expect(actions(statementsOf(template, functionRoleId(template))).sort()).toEqual(needed);
  });

  it("can be derived from the code: it uses no aggregated client, which hides the calls", () => {
    expect([...files.values()].join("")).not.toMatch(/new (DynamoDB|SecretsManager|SQS|SNS|S3)\(/);
  });
});

describe.each(TEMPLATES)("the security of the stack with %s", (_, template) => {
  it("has a retention for every log group", () => {
    template.allResourcesProperties("AWS::Logs::LogGroup", { RetentionInDays: Match.anyValue() });
  });

  it("allows no access from outside the AWS account", () => {
    // Resource policies may deny, but not allow, everyone. VPC endpoints also require IAM permissions.
    const resources = resourcesOf(template).filter(([, { Type }]) => Type !== "AWS::EC2::VPCEndpoint");
    const open = statementsWithin(resources).filter(
      ({ Effect, Principal, Condition }) =>
        Effect === "Allow" && /^("\*"|{"AWS":"\*"})$/.test(JSON.stringify(Principal)) && Condition === undefined,
    );

    expect(open).toEqual([]);
    expect(resources.map(([, { Type }]) => Type)).not.toContain("AWS::Lambda::Url");
    expect(resources.map(([, { Type }]) => Type)).not.toContain("AWS::Lambda::Permission");
  });
});

/** Returns the properties of each resource of a type. */
const propertiesOfAll = (template: Template, type: string) =>
  Object.values(template.findResources(type)).map(({ Properties }) => Properties);
const read = (path: string) => readFileSync(new URL(`../../docs/${path}`, import.meta.url), "utf8");
describe("docs/runbook.md", () => {
  const runbook = read("runbook.md");
  // A section's anchor on GitHub is its heading, which is the alarm's name.
  const sections = new Map(runbook.split(/^## /m).map((text) => [text.split("\n")[0], text]));

  it.each([full, longRuns].flatMap((one) => propertiesOfAll(one, "AWS::CloudWatch::Alarm")))(
    "states the meaning, the check and the fix of $AlarmName",
    (alarm) => {
      const name = alarm.AlarmName.replace(/^cdp-balance-snapshots-(dev-|long-)/, "");

      expect(alarm.AlarmDescription).toMatch(new RegExp(`^[A-Z].+\\. What to do: docs/runbook\\.md#${name}$`));
      expect(sections.get(name)).toMatch(/\*\*Meaning\.\*\*[\s\S]+\*\*Check\.\*\*[\s\S]+\*\*Fix\.\*\*/);
    },
  );

  it("uses outputs, saved queries and a table that the stack has", () => {
    const outputs = [full, longRuns, synth(SEVERAL_KEYS).template].flatMap((one) => Object.keys(one.findOutputs("*")));
    const used = [...runbook.matchAll(/\bout ([A-Z]\w+)/g)].map(([, output]) => output);

    expect(used.length).toBeGreaterThan(5);
    expect(outputs).toEqual(expect.arrayContaining(used));
    for (const { Name } of propertiesOfAll(longRuns, "AWS::Logs::QueryDefinition")) {
      expect(runbook).toContain(`_${Name.replace(/^.*\/| \(.*/g, "")}_`);
    }
    // `cdk import` maps the restored table and an existing backup vault to these logical IDs.
    for (const type of ["AWS::DynamoDB::GlobalTable", "AWS::Backup::BackupVault"]) {
      expect(runbook).toContain(`"{\\"${only(full, type)}\\":`);
    }
    expect(runbook).toContain(`AttributeName=${EXPIRES_AT}`);
    expect(runbook).toContain(`--policy-name ${only(full, "AWS::IAM::Policy", "dynamodb:DeleteBackup")}`);
  });
});

describe("the diagram in the README", () => {
  it("is up to date; otherwise run npm run draw", () => {
    const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");

    expect(readme).toBe(withDiagram(readme));
  });

  it("requires a decision on whether a new resource type is drawn", () => {
    expect(() => drawArchitecture({ Resources: { New: { Type: "AWS::S3::Bucket" } } })).toThrow(
      "New: add AWS::S3::Bucket to BOXES or NOT_DRAWN",
    );
  });
});

function actions(statements: readonly Statement[]): string[] {
  return statements.flatMap(({ Action }) => Action);
}

/** Returns every statement of every policy document in a value. */
function statementsWithin(value: unknown): { Effect: string; Principal?: unknown; Condition?: unknown }[] {
  if (typeof value !== "object" || value === null) return [];
  const own = (value as { Statement?: unknown }).Statement;
  return [...(Array.isArray(own) ? own : []), ...Object.values(value).flatMap((inner) => statementsWithin(inner))];
}
