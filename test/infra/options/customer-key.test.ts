import { describe, expect, it } from "@jest/globals";
import { EVERY_OPTION } from "../configurations.ts";
import { synth } from "../synth.ts";
import { functionRoleId, join, pseudo, scheduleRoleId, statementsOf } from "../template.ts";

const { template } = synth(EVERY_OPTION);
const key = EVERY_OPTION.kmsKeyArn;

describe("a customer managed key", () => {
  it("encrypts the table, the created secret, every log, the queue and the backups", () => {
    template.hasResourceProperties("AWS::DynamoDB::GlobalTable", {
      SSESpecification: { SSEEnabled: true, SSEType: "KMS" },
      Replicas: [{ SSESpecification: { KMSMasterKeyId: key } }],
    });
    template.hasResourceProperties("AWS::SecretsManager::Secret", { KmsKeyId: key });
    template.hasResourceProperties("AWS::SQS::Queue", { KmsMasterKeyId: key });
    template.hasResourceProperties("AWS::Backup::BackupVault", { EncryptionKeyArn: key });
    template.allResourcesProperties("AWS::Logs::LogGroup", { KmsKeyId: key });
  });

  it("can be used by the function and the schedule only through AWS services", () => {
    const viaServices = (...services: string[]) => ({
      StringEquals: {
        "kms:ViaService": services.map((service) => join([`${service}.eu-west-1.`, pseudo("URLSuffix")])),
      },
    });
    const keyStatements = (roleId: string) => statementsOf(template, roleId).filter(({ Resource }) => Resource === key);

    expect(keyStatements(functionRoleId(template))).toEqual([
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
    expect(keyStatements(scheduleRoleId(template))).toEqual([
      { Effect: "Allow", Action: ["kms:Decrypt", "kms:GenerateDataKey"], Resource: key, Condition: viaServices("sqs") },
    ]);
  });

  it("is not required: without one, no role has KMS permissions", () => {
    expect(JSON.stringify(synth().template.findResources("AWS::IAM::Policy"))).not.toContain("kms:");
  });
});
