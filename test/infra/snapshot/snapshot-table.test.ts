import { describe, expect, it } from "@jest/globals";
import { Match } from "aws-cdk-lib/assertions";
import { ENV } from "../../../core/names/environment.ts";
import { EXPIRES_AT, TABLE_KEYS } from "../../../core/names/table-keys.ts";
import { synth } from "../synth.ts";
import { denyPlainHttp, environmentOf, propertiesOf } from "../template.ts";

const TABLE = "AWS::DynamoDB::GlobalTable";
const { template } = synth();

describe("the table", () => {
  it("has the account and the slot as its keys, both strings", () => {
    template.hasResourceProperties(TABLE, {
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

  it("is protected from deletion and has point-in-time recovery", () => {
    template.hasResourceProperties(TABLE, {
      Replicas: [
        {
          DeletionProtectionEnabled: true,
          PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        },
      ],
    });
  });

  it("is billed on demand, encrypted with the AWS managed key, and has no fixed name", () => {
    template.hasResourceProperties(TABLE, {
      BillingMode: "PAY_PER_REQUEST",
      SSESpecification: { SSEEnabled: true, SSEType: "KMS" },
      TableName: Match.absent(),
    });
  });

  it("denies requests without TLS", () => {
    const [replica] = propertiesOf(template, TABLE).Replicas;

    expect(replica.ResourcePolicy.PolicyDocument.Statement).toEqual([denyPlainHttp("dynamodb", "*")]);
  });

  it("keeps items forever by default", () => {
    template.hasResourceProperties(TABLE, { TimeToLiveSpecification: Match.absent() });
    expect(environmentOf(template)).not.toHaveProperty(ENV.retentionDays);
  });

  it("has a time to live with retentionDays, which the function receives", () => {
    const { template: expiring } = synth({ retentionDays: 400 });

    expiring.hasResourceProperties(TABLE, {
      TimeToLiveSpecification: { AttributeName: EXPIRES_AT, Enabled: true },
    });
    expect(environmentOf(expiring)[ENV.retentionDays]).toBe("400");
  });
});
