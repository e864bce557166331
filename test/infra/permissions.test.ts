import { describe, expect, it } from "../support/jest.ts";
import { EVERY_OPTION, EXISTING_RESOURCES, SEVERAL_KEYS } from "./configurations.ts";
import { permissionsOf } from "./permissions.ts";
import { synth } from "./synth.ts";

const { kmsKeyArn: KEY } = EVERY_OPTION;
const { secretKmsKeyArn: SECRET_KEY } = EXISTING_RESOURCES;

const ACCOUNT = "StringEquals:{aws:SourceAccount:<AWS::AccountId>}";
const SCHEDULED =
  "sts:AssumeRole by scheduler.amazonaws.com " +
  "if {StringEquals:{aws:SourceAccount:<AWS::AccountId>,aws:SourceArn:<ScheduleGroup>}}";
const LAMBDA = "sts:AssumeRole by lambda.amazonaws.com";
const DEAD_LETTERS = "sqs:SendMessage on <DeadLettersQueue>";
/** X-Ray does not support resources. */
const TRACES = "xray:PutTelemetryRecords xray:PutTraceSegments on *";
const SNAPSHOTS = "dynamodb:PutItem dynamodb:Query on <SnapshotsTable>";
// The ARN of a log group ends in ":*", which matches its streams.
const logs = (name: string) => `logs:CreateLogStream logs:PutLogEvents on <${name}Logs>`;
const via = (...services: string[]) =>
  `if {StringEquals:{kms:ViaService:[${services.map((service) => `${service}.eu-west-1.<AWS::URLSuffix>`)}]}}`;
const USE_KEY =
  "kms:Decrypt kms:DescribeKey kms:Encrypt kms:GenerateDataKey kms:GenerateDataKeyWithoutPlaintext kms:ReEncryptFrom kms:ReEncryptTo";
const INTERFACES =
  "ec2:AssignPrivateIpAddresses ec2:CreateNetworkInterface ec2:DeleteNetworkInterface ec2:DescribeNetworkInterfaces " +
  "ec2:DescribeSubnets ec2:UnassignPrivateIpAddresses on *";
/** Lambda manages the network interfaces, and the function's code may not. */
const NETWORK = [INTERFACES, `Deny ${INTERFACES} if {Null:{lambda:SourceFunctionArn:false}}`];

const testEvents = (partition: string, region: string) => {
  const prefix = `arn:${partition}:schemas:${region}:<AWS::AccountId>`;
  return [
    LAMBDA,
    logs("TestEvents"),
    `schemas:CreateRegistry on ${prefix}:registry/lambda-testevent-schemas`,
    `schemas:CreateSchema schemas:DeleteSchema schemas:UpdateSchema on ${prefix}:schema/lambda-testevent-schemas/*`,
  ];
};

describe("the trust and the permissions of each role", () => {
  it("are the least with the defaults", () => {
    expect(permissionsOf(synth().template)).toEqual({
      SnapshotRole: [
        ...[LAMBDA, logs("Snapshot"), DEAD_LETTERS, TRACES, SNAPSHOTS],
        "secretsmanager:GetSecretValue on <ApiKeySecret>",
      ],
      ScheduleRole: [SCHEDULED, "lambda:InvokeFunction on <SnapshotFunction>", DEAD_LETTERS],
      TestEventsRole: testEvents("<AWS::Partition>", "<AWS::Region>"),
    });
  });

  it("use the customer managed key only through AWS services, with every option", () => {
    expect(permissionsOf(synth(EVERY_OPTION).template)).toEqual({
      Egresseuwest1bVpcFlowsIAMRole: [
        "sts:AssumeRole by vpc-flow-logs.amazonaws.com",
        "logs:CreateLogStream logs:DescribeLogStreams logs:PutLogEvents on <Egresseuwest1bFlows>",
      ],
      SnapshotRole: [
        ...[LAMBDA, logs("Snapshot"), DEAD_LETTERS, TRACES, SNAPSHOTS],
        "secretsmanager:GetSecretValue on <ApiKeySecret>",
        `kms:Decrypt on ${KEY} ${via("secretsmanager")}`,
        `${USE_KEY} on ${KEY} ${via("dynamodb", "sqs")}`,
        ...NETWORK,
      ],
      ScheduleRole: [
        ...[SCHEDULED, "lambda:InvokeFunction on <SnapshotFunction>", DEAD_LETTERS],
        `kms:Decrypt kms:GenerateDataKey on ${KEY} ${via("sqs")}`,
      ],
      BackupRole: [
        `sts:AssumeRole by backup.amazonaws.com if {${ACCOUNT}}`,
        "dynamodb:CreateBackup dynamodb:DescribeContinuousBackups dynamodb:DescribeTable dynamodb:ListTagsOfResource " +
          "dynamodb:StartAwsBackupJob on <SnapshotsTable>",
        "dynamodb:DeleteBackup dynamodb:DescribeBackup on <SnapshotsTable>/backup/*",
        "backup:CopyIntoBackupVault backup:DescribeBackupVault on <BackupVault.BackupVaultArn>",
        `${USE_KEY} on ${KEY} ${via("backup", "dynamodb")}`,
        `kms:CreateGrant on ${KEY} if {Bool:{kms:GrantIsForAWSResource:true}}`,
      ],
      TestEventsRole: testEvents("aws", "eu-west-1"),
      AnchorRole: [
        ...[LAMBDA, logs("Anchor"), "dynamodb:Query on <SnapshotsTable>", "s3:PutObject on <AnchorBucket>/heads/*"],
        `${USE_KEY} on ${KEY} ${via("dynamodb")}`,
      ],
      AnchorScheduleRole: [
        SCHEDULED.replace("ScheduleGroup", "AnchorGroup"),
        "lambda:InvokeFunction on <AnchorFunction>",
      ],
    });
  });

  it("let only the state machine invoke the function, which sends no dead letters, with the engine stepFunctions", () => {
    const { SnapshotRole, ExecutionsRole, ScheduleRole } = permissionsOf(synth({ engine: "stepFunctions" }).template);

    const machines = "arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:stateMachine:*";
    expect({ SnapshotRole, ExecutionsRole, ScheduleRole }).toEqual({
      SnapshotRole: [
        ...[LAMBDA, logs("Snapshot"), TRACES, SNAPSHOTS],
        "secretsmanager:GetSecretValue on <ApiKeySecret>",
      ],
      ExecutionsRole: [
        `sts:AssumeRole by states.amazonaws.com if {${ACCOUNT},ArnLike:{aws:SourceArn:${machines}}}`,
        "lambda:InvokeFunction on <SnapshotFunction>",
        "logs:CreateLogDelivery logs:DeleteLogDelivery logs:DescribeLogGroups logs:DescribeResourcePolicies " +
          "logs:GetLogDelivery logs:ListLogDeliveries logs:PutResourcePolicy logs:UpdateLogDelivery " +
          "xray:GetSamplingRules xray:GetSamplingTargets xray:PutTelemetryRecords xray:PutTraceSegments on *",
      ],
      ScheduleRole: [SCHEDULED, "states:StartExecution on <ExecutionsStateMachine>", DEAD_LETTERS],
    });
  });

  it("use the key of an existing secret to read secrets only, and another key for everything else", () => {
    const { SnapshotRole } = permissionsOf(synth({ ...EXISTING_RESOURCES, kmsKeyArn: KEY }).template);

    expect(SnapshotRole?.slice(5)).toEqual([
      "secretsmanager:GetSecretValue on arn:aws:secretsmanager:eu-west-1:<AWS::AccountId>:secret:prod/cdp-key-??????",
      `kms:Decrypt on ${SECRET_KEY} ${via("secretsmanager")}`,
      `${USE_KEY} on ${KEY} ${via("dynamodb", "sqs")}`,
      ...NETWORK,
    ]);
  });

  it("include the secrets of all keys, and are the same for all their schedules", () => {
    const { SnapshotRole, ScheduleRole } = permissionsOf(synth(SEVERAL_KEYS).template);

    expect(SnapshotRole?.slice(5)).toEqual([
      "secretsmanager:GetSecretValue on arn:aws:secretsmanager:eu-west-1:<AWS::AccountId>:secret:prod/emea-?????? " +
        "<ApiKeyusSecret>",
      `kms:Decrypt on ${SECRET_KEY} ${via("secretsmanager")}`,
      ...NETWORK,
    ]);
    expect(ScheduleRole).toEqual([SCHEDULED, "lambda:InvokeFunction on <SnapshotFunction>", DEAD_LETTERS]);
  });
});
