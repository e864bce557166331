import { Match, type Template } from "aws-cdk-lib/assertions";
import { ANCHOR_ENV } from "../../core/names/anchor-environment.ts";
import { describe, expect, it } from "../support/jest.ts";
import { EVERY_OPTION } from "./configurations.ts";
import { synth } from "./synth.ts";
import {
  allow,
  attribute,
  functionProperties,
  functionRoleId,
  join,
  only,
  propertiesOf,
  pseudo,
  scheduleRoleId,
  statementsOf,
} from "./template.ts";

const BUCKET = "AWS::S3::Bucket";

const { template } = synth();
const { template: full } = synth(EVERY_OPTION);
/** Options without a customer managed key. */
const { template: plain } = synth({ staticEgress: "true", backup: "daily", anchor: "compliance" });
const { template: other } = synth({ backup: "weekly", anchor: "governance", anchorRetentionDays: "30" });

const key = EVERY_OPTION.kmsKeyArn;
const tableArn = attribute(only(plain, "AWS::DynamoDB::GlobalTable"));
const secretId = only(plain, "AWS::SecretsManager::Secret");
const vaultId = only(plain, "AWS::Backup::BackupVault");
const addressId = only(plain, "AWS::EC2::EIP");
const functionGroupId = only(plain, "AWS::EC2::SecurityGroup", "Snapshot function:");
const endpointGroupId = only(plain, "AWS::EC2::SecurityGroup", "Secrets Manager endpoint:");

describe("a stack without options", () => {
  it("has no KMS permissions, no egress, no backups, and nothing of the anchor", () => {
    expect(JSON.stringify(template.findResources("AWS::IAM::Policy"))).not.toContain("kms:");
    expect(JSON.stringify(template.toJSON())).not.toMatch(/anchor|"Egress/i);
    expect(functionProperties(template).VpcConfig).toBeUndefined();
    for (const type of ["AWS::Backup::BackupPlan", BUCKET]) template.resourceCountIs(type, 0);
  });
});

describe("a customer managed key", () => {
  it("encrypts the table, the created secret, every log, the queue and the backups", () => {
    full.hasResourceProperties("AWS::DynamoDB::GlobalTable", {
      SSESpecification: { SSEEnabled: true, SSEType: "KMS" },
      Replicas: [{ SSESpecification: { KMSMasterKeyId: key } }],
    });
    full.hasResourceProperties("AWS::SecretsManager::Secret", { KmsKeyId: key });
    full.hasResourceProperties("AWS::SQS::Queue", { KmsMasterKeyId: key });
    full.hasResourceProperties("AWS::Backup::BackupVault", { EncryptionKeyArn: key });
    full.allResourcesProperties("AWS::Logs::LogGroup", { KmsKeyId: key });
  });

  it("can be used by the function and the schedule only through AWS services", () => {
    const nameOf = (service: string) => join([`${service}.eu-west-1.`, pseudo("URLSuffix")]);
    const viaServices = (...services: string[]) => ({ StringEquals: { "kms:ViaService": services.map(nameOf) } });
    const kms = (calls: string) => calls.split(" ").map((call) => `kms:${call}`);
    const functionCalls =
      "Decrypt DescribeKey Encrypt GenerateDataKey GenerateDataKeyWithoutPlaintext ReEncryptFrom ReEncryptTo";
    const keyStatements = (roleId: string) => statementsOf(full, roleId).filter(({ Resource }) => Resource === key);

    expect(keyStatements(functionRoleId(full))).toEqual([
      { ...allow(kms(functionCalls), key), Condition: viaServices("dynamodb", "secretsmanager", "sqs") },
    ]);
    expect(keyStatements(scheduleRoleId(full))).toEqual([
      { ...allow(kms("Decrypt GenerateDataKey"), key), Condition: viaServices("sqs") },
    ]);
  });
});

describe("static egress", () => {
  it("puts the function into a private subnet in one zone, behind one NAT gateway whose address is an output", () => {
    const subnetId = only(plain, "AWS::EC2::Subnet", "PrivateSubnet");

    expect(functionProperties(plain).VpcConfig).toEqual({
      SubnetIds: [{ Ref: subnetId }],
      SecurityGroupIds: [attribute(functionGroupId, "GroupId")],
    });
    expect(propertiesOf(plain, "AWS::EC2::NatGateway").AllocationId).toEqual(attribute(addressId, "AllocationId"));
    plain.hasOutput("EgressAddress", { Value: { Ref: addressId } });
    plain.hasResourceProperties("AWS::EC2::Route", {
      DestinationCidrBlock: "0.0.0.0/0",
      NatGatewayId: { Ref: only(plain, "AWS::EC2::NatGateway") },
    });
    plain.allResourcesProperties("AWS::EC2::Subnet", { MapPublicIpOnLaunch: false });
  });

  it("allows outbound HTTPS from the function, and inbound traffic only from the function to the endpoint", () => {
    expect(propertiesOf(plain, "AWS::EC2::SecurityGroup", functionGroupId)).toMatchObject({
      SecurityGroupEgress: [{ CidrIp: "0.0.0.0/0", IpProtocol: "tcp", FromPort: 443, ToPort: 443 }],
    });
    expect(propertiesOf(plain, "AWS::EC2::SecurityGroup", endpointGroupId)).toMatchObject({
      // CDK's representation of no outbound traffic: an unusable address.
      SecurityGroupEgress: [{ CidrIp: "255.255.255.255/32", IpProtocol: "icmp" }],
    });
    plain.allResourcesProperties("AWS::EC2::SecurityGroup", { SecurityGroupIngress: Match.absent() });
    expect(propertiesOf(plain, "AWS::EC2::SecurityGroupIngress")).toMatchObject({
      GroupId: attribute(endpointGroupId, "GroupId"),
      SourceSecurityGroupId: attribute(functionGroupId, "GroupId"),
      IpProtocol: "tcp",
      FromPort: 443,
      ToPort: 443,
    });
  });

  it("has endpoints for DynamoDB and Secrets Manager that allow only the function's calls", () => {
    const Principal = { AWS: "*" };

    expect(propertiesOf(plain, "AWS::EC2::VPCEndpoint", "Gateway")).toMatchObject({
      ServiceName: join(["com.amazonaws.", pseudo("Region"), ".dynamodb"]),
      RouteTableIds: [{ Ref: only(plain, "AWS::EC2::RouteTable", "PrivateSubnet") }],
      PolicyDocument: { Statement: [{ ...allow(["dynamodb:PutItem", "dynamodb:Query"], tableArn), Principal }] },
    });
    expect(propertiesOf(plain, "AWS::EC2::VPCEndpoint", "Interface")).toMatchObject({
      ServiceName: join(["com.amazonaws.", pseudo("Region"), ".secretsmanager"]),
      PrivateDnsEnabled: true,
      SecurityGroupIds: [attribute(endpointGroupId, "GroupId")],
      PolicyDocument: { Statement: [{ ...allow("secretsmanager:GetSecretValue", { Ref: secretId }), Principal }] },
    });
  });

  it("allows Lambda to create network interfaces, but not the function's code", () => {
    const Action = [
      "ec2:AssignPrivateIpAddresses",
      "ec2:CreateNetworkInterface",
      "ec2:DeleteNetworkInterface",
      "ec2:DescribeNetworkInterfaces",
      "ec2:DescribeSubnets",
      "ec2:UnassignPrivateIpAddresses",
    ];
    const found = statementsOf(plain, functionRoleId(plain)).filter(({ Resource }) => Resource === "*");

    expect(found).toEqual([
      allow([...Action, "xray:PutTelemetryRecords", "xray:PutTraceSegments"], "*"),
      { Effect: "Deny", Action, Resource: "*", Condition: { Null: { "lambda:SourceFunctionArn": "false" } } },
    ]);
  });
});

describe("the backup plan", () => {
  it.each([
    ["daily", plain, "cron(23 3 * * ? *)", 365],
    ["weekly", other, "cron(23 3 ? * SUN *)", 365],
    ["monthly", full, "cron(23 3 1 * ? *)", 800],
  ])("makes %s backups of the table and keeps them for backupRetentionDays", (name, of, schedule, days) => {
    expect(propertiesOf(of, "AWS::Backup::BackupPlan").BackupPlan.BackupPlanRule).toEqual([
      {
        RuleName: name,
        ScheduleExpression: schedule,
        Lifecycle: { DeleteAfterDays: days },
        TargetBackupVault: attribute(vaultId, "BackupVaultName"),
      },
    ]);
    expect(propertiesOf(of, "AWS::Backup::BackupSelection").BackupSelection.Resources).toEqual([tableArn]);
  });

  it("has a role with the permissions for this table and this vault only", () => {
    expect(statementsOf(plain, only(plain, "AWS::IAM::Role", "backup.amazonaws.com"))).toEqual([
      allow(
        [
          ...["dynamodb:CreateBackup", "dynamodb:DescribeContinuousBackups", "dynamodb:DescribeTable"],
          ...["dynamodb:ListTagsOfResource", "dynamodb:StartAwsBackupJob"],
        ],
        tableArn,
      ),
      allow(["dynamodb:DeleteBackup", "dynamodb:DescribeBackup"], join([tableArn, "/backup/*"])),
      allow(["backup:CopyIntoBackupVault", "backup:DescribeBackupVault"], attribute(vaultId, "BackupVaultArn")),
    ]);
  });
});

const anchorOf = (of: Template) => propertiesOf(of, "AWS::Lambda::Function", ANCHOR_ENV.bucketName);

describe("the bucket of chain heads", () => {
  it.each([
    ["COMPLIANCE", 365, plain],
    ["GOVERNANCE", 30, other],
  ])("has Object Lock in %s mode with a default retention of %d days", (Mode, Days, of) => {
    of.hasResourceProperties(BUCKET, {
      ObjectLockEnabled: true,
      ObjectLockConfiguration: { ObjectLockEnabled: "Enabled", Rule: { DefaultRetention: { Mode, Days } } },
      VersioningConfiguration: { Status: "Enabled" },
    });
  });

  // cdk-nag requires the block of public access and the denial of requests without TLS.
  it("has no fixed name, and is never encrypted with a customer managed key", () => {
    full.hasResourceProperties(BUCKET, {
      BucketName: Match.absent(),
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" } }],
      },
    });
  });
});

describe("the anchor function", () => {
  const fn = attribute(only(full, "AWS::Lambda::Function", ANCHOR_ENV.bucketName));
  const roleId: string = anchorOf(full).Role["Fn::GetAtt"][0];
  const logs = only(full, "AWS::Logs::LogGroup", "Anchor");

  it("can write logs, query the table, put heads, and use a customer managed key through DynamoDB only", () => {
    const statements = statementsOf(full, roleId);

    expect(statements).toEqual([
      allow(["logs:CreateLogStream", "logs:PutLogEvents"], attribute(logs)),
      allow("dynamodb:Query", tableArn),
      allow("s3:PutObject", join([attribute(only(full, BUCKET)), "/heads/*"])),
      expect.objectContaining({ Effect: "Allow", Resource: key }),
    ]);
    expect(JSON.stringify(statements[3]?.Condition)).toMatch(/kms:ViaService.+"dynamodb\./);
    expect(statementsOf(plain, anchorOf(plain).Role["Fn::GetAtt"][0])).toEqual(statements.slice(0, 3));
  });

  it("is the only one with access to the bucket", () => {
    const others = Object.entries(full.findResources("AWS::IAM::Policy")).filter(
      ([, { Properties }]) => !JSON.stringify(Properties.Roles).includes(`"${roleId}"`),
    );

    expect(others.length).toBeGreaterThan(3);
    expect(JSON.stringify(others)).not.toMatch(/s3:|Anchor.*Bucket/);
  });

  it("receives the table and the bucket as variables, nothing else, and logs JSON to its own log group", () => {
    expect(anchorOf(full).Environment.Variables).toEqual({
      POWERTOOLS_SERVICE_NAME: "cdp-balance-snapshots-dev",
      [ANCHOR_ENV.tableName]: { Ref: only(full, "AWS::DynamoDB::GlobalTable") },
      [ANCHOR_ENV.bucketName]: { Ref: only(full, BUCKET) },
    });
    expect(anchorOf(full).LoggingConfig).toEqual({ LogFormat: "JSON", LogGroup: { Ref: logs } });
  });

  it("runs once a day, by a schedule whose role can invoke it and nothing else", () => {
    const schedule = propertiesOf(full, "AWS::Scheduler::Schedule", fn["Fn::GetAtt"][0]);

    expect(schedule).toMatchObject({
      ScheduleExpression: "cron(41 2 * * ? *)",
      ScheduleExpressionTimezone: "Etc/UTC",
      State: "ENABLED",
      FlexibleTimeWindow: { Mode: "OFF" },
      Target: { Arn: fn },
    });
    expect(statementsOf(full, schedule.Target.RoleArn["Fn::GetAtt"][0])).toEqual([allow("lambda:InvokeFunction", fn)]);
  });
});
