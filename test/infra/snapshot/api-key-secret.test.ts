import { describe, expect, it } from "@jest/globals";
import { Match, type Template } from "aws-cdk-lib/assertions";
import { ENV } from "../../../core/names/environment.ts";
import { synth } from "../synth.ts";
import { environmentOf, functionRoleId, join, pseudo, statementsOf } from "../template.ts";

const SECRET = "AWS::SecretsManager::Secret";

const secretStatement = (of: Template) =>
  statementsOf(of, functionRoleId(of)).find(({ Action }) => Action === "secretsmanager:GetSecretValue");

describe("the secret", () => {
  it("is created without a value, because a random value would look like a key", () => {
    synth().template.hasResourceProperties(SECRET, {
      GenerateSecretString: Match.absent(),
      SecretString: Match.absent(),
    });
  });

  it("can be an existing one, by its name", () => {
    const { template } = synth({ secretName: "prod/cdp-key" });

    template.resourceCountIs(SECRET, 0);
    expect(environmentOf(template)[ENV.apiKeySecretId]).toBe("prod/cdp-key");
    expect(secretStatement(template)).toEqual({
      Effect: "Allow",
      Action: "secretsmanager:GetSecretValue",
      Resource: join([
        "arn:",
        pseudo("Partition"),
        ":secretsmanager:",
        pseudo("Region"),
        ":",
        pseudo("AccountId"),
        ":secret:prod/cdp-key-??????",
      ]),
    });
  });

  it("can be an existing one, by its exact ARN", () => {
    const arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/cdp-key-a1B2c3";
    const { template } = synth({ secretName: arn });

    template.resourceCountIs(SECRET, 0);
    expect(environmentOf(template)[ENV.apiKeySecretId]).toBe(arn);
    expect(secretStatement(template)?.Resource).toBe(arn);
  });
});
