import { describe, it } from "@jest/globals";
import { Match } from "aws-cdk-lib/assertions";
import { TABLE_KEYS } from "../../../core/names/table-keys.ts";
import { synth } from "../synth.ts";

const { template } = synth();

describe("the table", () => {
  it("has the store's keys, both strings", () => {
    template.hasResourceProperties("AWS::DynamoDB::GlobalTable", {
      KeySchema: [
        { AttributeName: TABLE_KEYS.partition, KeyType: "HASH" },
        { AttributeName: TABLE_KEYS.sort, KeyType: "RANGE" },
      ],
      AttributeDefinitions: [
        { AttributeName: TABLE_KEYS.partition, AttributeType: "S" },
        { AttributeName: TABLE_KEYS.sort, AttributeType: "S" },
      ],
    });
  });

  it("outlives its stack and every replacement", () => {
    template.hasResource("AWS::DynamoDB::GlobalTable", {
      DeletionPolicy: "Retain",
      UpdateReplacePolicy: "Retain",
    });
  });

  it("is protected from deletion and recoverable to a point in time", () => {
    template.hasResourceProperties("AWS::DynamoDB::GlobalTable", {
      Replicas: [
        {
          DeletionProtectionEnabled: true,
          PointInTimeRecoverySpecification: {
            PointInTimeRecoveryEnabled: true,
          },
        },
      ],
    });
  });

  it("is paid by request, encrypted with the key that AWS manages, and has no fixed name", () => {
    template.hasResourceProperties("AWS::DynamoDB::GlobalTable", {
      BillingMode: "PAY_PER_REQUEST",
      SSESpecification: { SSEEnabled: true, SSEType: "KMS" },
      TableName: Match.absent(),
    });
  });
});
