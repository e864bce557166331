import { describe, expect, it } from "@jest/globals";
import { Match, type Template } from "aws-cdk-lib/assertions";
import { ENV } from "../../../core/names/environment.ts";
import { synth } from "../synth.ts";
import { environmentOf, functionRoleId, statementsOf } from "../template.ts";

const { template } = synth();

describe("the secret", () => {
  it("is made without a value, so that no random text is taken for a key", () => {
    template.hasResourceProperties("AWS::SecretsManager::Secret", {
      GenerateSecretString: Match.absent(),
      SecretString: Match.absent(),
    });
  });

  it("outlives its stack", () => {
    template.hasResource("AWS::SecretsManager::Secret", {
      DeletionPolicy: "Retain",
      UpdateReplacePolicy: "Retain",
    });
  });

  it("may be one that exists, by its name", () => {
    const { template: byName } = synth({ secretName: "prod/cdp-key" });

    byName.resourceCountIs("AWS::SecretsManager::Secret", 0);
    expect(environmentOf(byName)[ENV.apiKeySecretId]).toBe("prod/cdp-key");
    expect(secretStatement(byName)).toEqual({
      Effect: "Allow",
      Action: "secretsmanager:GetSecretValue",
      Resource: {
        "Fn::Join": [
          "",
          [
            "arn:",
            { Ref: "AWS::Partition" },
            ":secretsmanager:",
            { Ref: "AWS::Region" },
            ":",
            { Ref: "AWS::AccountId" },
            ":secret:prod/cdp-key-??????",
          ],
        ],
      },
    });
  });

  it("may be one that exists, by its ARN, exactly", () => {
    const arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/cdp-key-a1B2c3";
    const { template: byArn } = synth({ secretName: arn });

    byArn.resourceCountIs("AWS::SecretsManager::Secret", 0);
    expect(environmentOf(byArn)[ENV.apiKeySecretId]).toBe(arn);
    expect(secretStatement(byArn)?.Resource).toBe(arn);
  });

  const secretStatement = (of: Template) =>
    statementsOf(of, functionRoleId(of)).find(({ Action }) => Action === "secretsmanager:GetSecretValue");
});
