import { describe, expect, it } from "@jest/globals";
import { Match } from "aws-cdk-lib/assertions";
import { EVERY_OPTION } from "./configurations.ts";
import { synth } from "./synth.ts";
import {
  attribute,
  functionId,
  functionProperties,
  functionRoleId,
  join,
  only,
  propertiesOf,
  pseudo,
  scheduleRoleId,
  statementsOf,
} from "./template.ts";

const SCHEMA = "AWS::EventSchemas::Schema";
const REGISTRY = "lambda-testevent-schemas";

const { template } = synth();
const { template: full } = synth(EVERY_OPTION);
/** Options without a customer managed key. */
const { template: plain } = synth({ staticEgress: "true", backup: "daily" });

const key = EVERY_OPTION.kmsKeyArn;
const tableArn = attribute(only(plain, "AWS::DynamoDB::GlobalTable"));
const secretId = only(plain, "AWS::SecretsManager::Secret");
const vaultId = only(plain, "AWS::Backup::BackupVault");
const addressId = only(plain, "AWS::EC2::EIP");
const functionGroupId = only(plain, "AWS::EC2::SecurityGroup", "Snapshot function:");
const endpointGroupId = only(plain, "AWS::EC2::SecurityGroup", "Secrets Manager endpoint:");

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
    const viaServices = (...services: string[]) => ({
      StringEquals: { "kms:ViaService": services.map(nameOf) },
    });
    const keyStatements = (roleId: string) => statementsOf(full, roleId).filter(({ Resource }) => Resource === key);

    expect(keyStatements(functionRoleId(full))).toEqual([
      {
        Effect: "Allow",
        Action: [
          "kms:Decrypt",
          "kms:DescribeKey",
          "kms:Encrypt",
          "kms:GenerateDataKey",
          "kms:GenerateDataKeyWithoutPlaintext",
          "kms:ReEncryptFrom",
          "kms:ReEncryptTo",
        ],
        Resource: key,
        Condition: viaServices("dynamodb", "secretsmanager", "sqs"),
      },
    ]);
    expect(keyStatements(scheduleRoleId(full))).toEqual([
      { Effect: "Allow", Action: ["kms:Decrypt", "kms:GenerateDataKey"], Resource: key, Condition: viaServices("sqs") },
    ]);
  });

  it("is not required: without one, no role has KMS permissions", () => {
    expect(JSON.stringify(template.findResources("AWS::IAM::Policy"))).not.toContain("kms:");
  });
});

describe("static egress", () => {
  it("is off by default, as are backups", () => {
    template.resourceCountIs("AWS::Backup::BackupPlan", 0);
    expect(Object.keys(template.toJSON()["Resources"]).filter((id) => id.startsWith("Egress"))).toEqual([]);
    expect(functionProperties(template).VpcConfig).toBeUndefined();
    expect(template.findOutputs("EgressAddress")).toEqual({});
  });

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
    const allow = (Action: unknown, Resource: unknown) => [
      { Effect: "Allow", Principal: { AWS: "*" }, Action, Resource },
    ];

    expect(propertiesOf(plain, "AWS::EC2::VPCEndpoint", "Gateway")).toMatchObject({
      ServiceName: join(["com.amazonaws.", pseudo("Region"), ".dynamodb"]),
      RouteTableIds: [{ Ref: only(plain, "AWS::EC2::RouteTable", "PrivateSubnet") }],
      PolicyDocument: { Statement: allow(["dynamodb:PutItem", "dynamodb:Query"], tableArn) },
    });
    expect(propertiesOf(plain, "AWS::EC2::VPCEndpoint", "Interface")).toMatchObject({
      ServiceName: join(["com.amazonaws.", pseudo("Region"), ".secretsmanager"]),
      PrivateDnsEnabled: true,
      SecurityGroupIds: [attribute(endpointGroupId, "GroupId")],
      PolicyDocument: { Statement: allow("secretsmanager:GetSecretValue", { Ref: secretId }) },
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
      { Effect: "Allow", Action: [...Action, "xray:PutTelemetryRecords", "xray:PutTraceSegments"], Resource: "*" },
      { Effect: "Deny", Action, Resource: "*", Condition: { Null: { "lambda:SourceFunctionArn": "false" } } },
    ]);
  });

  it("logs the network flows", () => {
    plain.hasResourceProperties("AWS::EC2::FlowLog", {
      ResourceId: { Ref: only(plain, "AWS::EC2::VPC") },
      TrafficType: "ALL",
      LogGroupName: { Ref: only(plain, "AWS::Logs::LogGroup", "EgressFlows") },
    });
  });
});

describe("the backup plan", () => {
  it.each([
    ["daily", plain, "cron(23 3 * * ? *)", 365],
    ["weekly", synth({ backup: "weekly" }).template, "cron(23 3 ? * SUN *)", 365],
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
      {
        Effect: "Allow",
        Action: [
          "dynamodb:CreateBackup",
          "dynamodb:DescribeContinuousBackups",
          "dynamodb:DescribeTable",
          "dynamodb:ListTagsOfResource",
          "dynamodb:StartAwsBackupJob",
        ],
        Resource: tableArn,
      },
      {
        Effect: "Allow",
        Action: ["dynamodb:DeleteBackup", "dynamodb:DescribeBackup"],
        Resource: join([tableArn, "/backup/*"]),
      },
      {
        Effect: "Allow",
        Action: ["backup:CopyIntoBackupVault", "backup:DescribeBackupVault"],
        Resource: attribute(vaultId, "BackupVaultArn"),
      },
    ]);
  });
});

describe("the test events", () => {
  it("are examples in the registry and schema where the Lambda console looks for them", () => {
    expect(propertiesOf(template, SCHEMA)).toMatchObject({
      RegistryName: REGISTRY,
      SchemaName: join(["_", { Ref: functionId(template) }, "-schema"]),
      Type: "OpenApi3",
    });
    const { openapi, components } = JSON.parse(propertiesOf(template, SCHEMA).Content);
    expect(openapi).toBe("3.0.0");
    // test/e2e/deployed.test.ts invokes the function with each.
    expect(Object.keys(components.examples)).toEqual(["Snapshot now", "Dry run", "One account", "Redo a slot"]);
  });

  it("depend on a custom resource that creates the registry if it is missing, and never deletes it", () => {
    const registryId = only(template, "Custom::AWS");
    const { Create, Update, Delete } = propertiesOf(template, "Custom::AWS");

    expect(template.findResources(SCHEMA)[only(template, SCHEMA)]?.["DependsOn"]).toContain(registryId);
    expect(JSON.parse(Create)).toEqual({
      service: "schemas",
      action: "CreateRegistry",
      parameters: { RegistryName: REGISTRY },
      physicalResourceId: { id: REGISTRY },
      ignoreErrorCodesMatching: "ConflictException",
    });
    expect(Update).toBe(Create);
    expect(Delete).toBeUndefined();
    template.resourceCountIs("AWS::EventSchemas::Registry", 0);
  });

  it("need only the permissions to create that registry and to write logs", () => {
    const [partition, region, account] = [pseudo("Partition"), pseudo("Region"), pseudo("AccountId")];

    expect(statementsOf(template, only(template, "AWS::IAM::Role", "TestEvents"))).toEqual([
      {
        Effect: "Allow",
        Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
        Resource: attribute(only(template, "AWS::Logs::LogGroup", "TestEvents")),
      },
      {
        Effect: "Allow",
        Action: "schemas:CreateRegistry",
        Resource: join(["arn:", partition, ":schemas:", region, ":", account, `:registry/${REGISTRY}`]),
      },
    ]);
  });

  it("can be disabled, which also removes the custom resource and its function", () => {
    const { template: without } = synth({ testEvents: "false" });

    without.resourceCountIs(SCHEMA, 0);
    without.resourceCountIs("Custom::AWS", 0);
    without.resourceCountIs("AWS::Lambda::Function", 1);
  });
});
