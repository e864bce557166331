import { Duration, Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { Construct } from "constructs";
import { nameDeployment } from "../../infra/config/deployment-name.ts";
import { CustomerKey } from "../../infra/options/customer-key.ts";
import { TableBackup } from "../../infra/options/table-backup.ts";
import { SnapshotTable } from "../../infra/snapshot/snapshot-table.ts";
import { describe, expect, it } from "../support/jest.ts";
import { newFolder } from "../support/new-folder.ts";
import { EVERY_OPTION, OTHER_OPTIONS } from "./configurations.ts";
import { createApp } from "./create-stack.ts";
import { evaluate } from "./intrinsics.ts";
import { synth } from "./synth.ts";
import { attribute, only, propertiesOf } from "./template.ts";

const KEY = EVERY_OPTION.kmsKeyArn;
const LONG = "a-name-that-is-longer-than-a-vault-may-have";
const STACK_ID = "arn:aws:cloudformation:eu-west-1:123456789012:stack/snapshots/51af3dc0-da77-11e4-872e-1234567abcde";
const REDEPLOYED = "arn:aws:cloudformation:eu-west-1:123456789012:stack/snapshots/6c2b81d0-da77-11e4-872e-1234567abcde";

const { template: full } = synth(EVERY_OPTION);
const { template: daily } = synth(OTHER_OPTIONS);
const { template: weekly } = synth({ backup: "weekly" });

const tableArn = attribute(only(daily, "AWS::DynamoDB::GlobalTable"));
const vaultId = only(daily, "AWS::Backup::BackupVault");

describe("the backup plan", () => {
  it.each([
    ["daily", daily, "cron(23 3 * * ? *)", 365],
    ["weekly", weekly, "cron(23 3 ? * SUN *)", 365],
    ["monthly", full, "cron(23 3 1 * ? *)", 800],
  ])("makes %s backups of the table and keeps them for backupRetentionDays", (name, template, schedule, days) => {
    expect(propertiesOf(template, "AWS::Backup::BackupPlan").BackupPlan.BackupPlanRule).toEqual([
      {
        RuleName: name,
        ScheduleExpression: schedule,
        Lifecycle: { DeleteAfterDays: days },
        TargetBackupVault: attribute(vaultId, "BackupVaultName"),
      },
    ]);
    expect(propertiesOf(template, "AWS::Backup::BackupSelection").BackupSelection.Resources).toEqual([tableArn]);
  });
});

describe("the name of the backup vault", () => {
  const [name] = vaultNames({});

  it("starts with the stack's name and has a fragment of the stack's ID", () => {
    expect(name).toMatch(/^snapshots-51af3dc0-[a-f0-9]{8}$/);
  });

  it.each([
    ["another stack with the same name", { stackId: REDEPLOYED }],
    ["another key", { kmsKeyArn: KEY }],
  ])("differs with %s, so that a retained vault blocks no deployment", (_, given) => {
    expect(vaultNames(given)).not.toContain(name);
  });

  it("has at most 50 characters, and differs between deployments in one stack", () => {
    const names = vaultNames({ stackName: LONG, deployments: ["Prime", "Business"] });

    expect(names.map(({ length }) => length)).toEqual([50, 50]);
    expect(new Set(names).size).toBe(2);
  });
});

interface Given {
  readonly stackName?: string;
  readonly stackId?: string;
  readonly kmsKeyArn?: string;
  readonly deployments?: readonly string[];
}

/** Returns the names that CloudFormation computes for the vaults of the deployments in a stack. */
function vaultNames({ stackName = "snapshots", stackId = STACK_ID, kmsKeyArn, deployments = ["Default"] }: Given) {
  const stack = new Stack(createApp({}, newFolder()), stackName, { env: { region: "eu-west-1" } });
  for (const id of deployments) {
    const scope = new Construct(stack, id);
    nameDeployment(scope);
    if (kmsKeyArn !== undefined) new CustomerKey(scope, kmsKeyArn);
    const { tableArn } = new SnapshotTable(scope, "Snapshots", false).table;
    new TableBackup(scope, "Backup", { tableArn, frequency: "daily", retention: Duration.days(7) });
  }
  const vaults = Object.values(Template.fromStack(stack).findResources("AWS::Backup::BackupVault"));
  const names = vaults.map(({ Properties }) => String(evaluate(Properties.BackupVaultName, () => stackId)));
  for (const found of names) expect(found).toMatch(/^[a-zA-Z0-9_-]{2,50}$/);
  return names;
}
