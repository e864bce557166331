import { describe, expect, it } from "@jest/globals";
import { synth } from "../synth.ts";
import { functionId, join, only } from "../template.ts";

const { template } = synth();
const tableId = only(template, "AWS::DynamoDB::GlobalTable");
const secretId = only(template, "AWS::SecretsManager::Secret");
const queueId = only(template, "AWS::SQS::Queue");
const fnId = functionId(template);

describe("the stack's outputs", () => {
  it("name what was made, and the next commands", () => {
    const found = template.findOutputs("*");
    const outputs = Object.fromEntries(Object.entries(found).map(([name, { Value }]) => [name, Value]));
    const region = { Ref: "AWS::Region" };

    expect(outputs).toMatchObject({
      TableName: { Ref: tableId },
      FunctionName: { Ref: fnId },
      SecretId: { Ref: secretId },
      DeadLetterQueueUrl: { Ref: queueId },
      ApiBaseUrl: "https://api.cdp.coinbase.com/platform",
      PutKeyCommand: join([
        "aws secretsmanager put-secret-value --region ",
        region,
        " --secret-id ",
        { Ref: secretId },
        " --secret-string file://cdp_api_key.json",
      ]),
      InvokeCommand: join([
        "aws lambda invoke --region ",
        region,
        " --function-name ",
        { Ref: fnId },
        " --payload '{}' --cli-binary-format raw-in-base64-out --cli-read-timeout 0 /dev/stdout",
      ]),
    });
  });

  it("name the API that is asked", () => {
    const sandbox = "https://sandbox.cdp.coinbase.com/platform";

    expect(synth({ apiBaseUrl: sandbox }).template.findOutputs("ApiBaseUrl")).toMatchObject({
      ApiBaseUrl: { Value: sandbox },
    });
  });
});
