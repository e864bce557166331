import { fileURLToPath } from "node:url";
import { describe, expect, it } from "@jest/globals";
import { Match } from "aws-cdk-lib/assertions";
import { EVERY_OPTION } from "./configurations.ts";
import { importedFiles } from "./imported-files.ts";
import { synth } from "./synth.ts";
import { functionRoleId, resourcesOf, type Statement, statementsOf } from "./template.ts";

/** Permissions that Lambda uses on the function's behalf, not its code. */
const LAMBDA_SERVICE = [
  "logs:CreateLogStream",
  "logs:PutLogEvents",
  // Dead letters.
  "sqs:SendMessage",
  "xray:PutTelemetryRecords",
  "xray:PutTraceSegments",
];
/** Actions that need the resource `*`: X-Ray has no resources, and new network interfaces have no ARN in advance. */
const WITHOUT_RESOURCE =
  /^(xray:Put(TelemetryRecords|TraceSegments)|ec2:\w+(NetworkInterfaces?|Subnets|PrivateIpAddresses))$/;

/** Returns the actions of the calls in a file: `dynamodb:Query` for `new QueryCommand(` of the DynamoDB client. */
function actionsOf(text: string): string[] {
  const service = /from "@aws-sdk\/client-([\w-]+)"/.exec(text)?.[1]?.replaceAll("-", "");
  return [...text.matchAll(/new (\w+)Command\(/g)].map(([, call]) => `${service}:${call}`);
}

const actions = (statements: readonly Statement[]): string[] =>
  statements.flatMap(({ Action }) => Action).sort((a, b) => (a < b ? -1 : 1));

describe("the function's permissions", () => {
  const files = importedFiles(fileURLToPath(new URL("../../lambda/snapshot/handler.ts", import.meta.url)));
  const called = [...new Set([...files.values()].flatMap(actionsOf))];

  it("are exactly the calls in its code and what Lambda needs", () => {
    const { template } = synth();

    expect(called.length).toBeGreaterThan(2);
    expect(actions(statementsOf(template, functionRoleId(template)))).toEqual(
      [...called, ...LAMBDA_SERVICE].sort((a, b) => (a < b ? -1 : 1)),
    );
  });

  it("with every option additionally include only KMS and network interfaces", () => {
    const { template } = synth(EVERY_OPTION);
    const allowed = statementsOf(template, functionRoleId(template)).filter(({ Effect }) => Effect === "Allow");
    const others = actions(allowed).filter((action) => ![...called, ...LAMBDA_SERVICE].includes(action));

    expect(actions(allowed)).toEqual(expect.arrayContaining([...called, ...LAMBDA_SERVICE]));
    expect(others.filter((action) => !/^(kms|ec2):/.test(action))).toEqual([]);
  });

  it("can be derived from the code: it uses no aggregated client, which hides the calls", () => {
    for (const [path, text] of files) {
      expect({ path, aggregated: /new (DynamoDB|SecretsManager|SQS|SNS|S3)\(/.test(text) }).toEqual({
        path,
        aggregated: false,
      });
    }
  });
});

describe("every role of the stack", () => {
  it.each([
    ["the defaults", {}],
    ["every option", EVERY_OPTION],
  ])("with %s can be assumed by one AWS service only", (_, flags) => {
    for (const { Properties } of Object.values(synth(flags).template.findResources("AWS::IAM::Role"))) {
      expect(Properties.AssumeRolePolicyDocument.Statement).toEqual([
        expect.objectContaining({
          Action: "sts:AssumeRole",
          Principal: {
            Service: expect.stringMatching(/^(lambda|scheduler|backup|vpc-flow-logs)\.amazonaws\.com$/),
          },
        }),
      ]);
    }
  });
});

describe("every log group of the stack", () => {
  it("has a retention", () => {
    synth(EVERY_OPTION).template.allResourcesProperties("AWS::Logs::LogGroup", { RetentionInDays: Match.anyValue() });
  });
});

describe("every policy of the stack", () => {
  it.each([
    ["the defaults", {}],
    ["every option", EVERY_OPTION],
  ])("with %s has no wildcard action, and no wildcard resource that could be specific", (_, flags) => {
    const { template } = synth(flags);
    const policies = Object.entries(template.findResources("AWS::IAM::Policy"));

    for (const [id, { Properties }] of policies) {
      for (const { Effect, Action, Resource } of Properties.PolicyDocument.Statement as Statement[]) {
        expect(
          Effect === "Allow" ? actions([{ Effect, Action, Resource }]).filter((one) => one.includes("*")) : [],
        ).toEqual([]);
        if (Resource === "*" && Effect === "Allow") {
          expect({
            id,
            unnamed: actions([{ Effect, Action, Resource }]).filter((one) => !WITHOUT_RESOURCE.test(one)),
          }).toEqual({
            id,
            unnamed: [],
          });
        }
      }
    }
    expect(policies.length).toBeGreaterThan(1);
  });

  it.each([
    ["the defaults", {}],
    ["every option", EVERY_OPTION],
  ])("with %s allows no access from outside the AWS account", (_, flags) => {
    const { template } = synth(flags);
    const resources = resourcesOf(template);

    expect(resources.map(([, { Type }]) => Type)).not.toContain("AWS::Lambda::Url");
    expect(resources.map(([, { Type }]) => Type)).not.toContain("AWS::Lambda::Permission");
    // Resource policies may deny, but not allow, everyone. VPC endpoints also require IAM permissions.
    const open = resources.filter(
      ([, resource]) =>
        resource.Type !== "AWS::EC2::VPCEndpoint" &&
        statementsWithin(resource).some(
          ({ Effect, Principal, Condition }) =>
            Effect === "Allow" && /^("\*"|{"AWS":"\*"})$/.test(JSON.stringify(Principal)) && Condition === undefined,
        ),
    );
    expect(open.map(([id]) => id)).toEqual([]);
  });
});

/** Returns every statement of every policy document in a value. */
function statementsWithin(value: unknown): { Effect: string; Principal?: unknown; Condition?: unknown }[] {
  if (typeof value !== "object" || value === null) return [];
  const own = (value as { Statement?: unknown }).Statement;
  return [...(Array.isArray(own) ? own : []), ...Object.values(value).flatMap((inner) => statementsWithin(inner))];
}
