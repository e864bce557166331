import { existsSync, readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "@jest/globals";
import { EVERY_OPTION } from "../configurations.ts";
import { synth } from "../synth.ts";
import { functionRoleId, type Statement, statementsOf } from "../template.ts";

/** What Lambda does in the function's name, not its code. */
const LAMBDA_ITSELF = [
  "logs:CreateLogStream",
  "logs:PutLogEvents",
  // Dead letters.
  "sqs:SendMessage",
  "xray:PutTelemetryRecords",
  "xray:PutTraceSegments",
];
/** Of these a resource cannot be named: X-Ray has none, and a network interface has no name before it is made. */
const WITHOUT_RESOURCE =
  /^(xray:Put(TelemetryRecords|TraceSegments)|ec2:\w+(NetworkInterfaces?|Subnets|PrivateIpAddresses))$/;

/** The files of the function: the handler, and what it imports, and so on. */
function sources(path: string, seen = new Map<string, string>()): Map<string, string> {
  if (seen.has(path) || !existsSync(path)) return seen;
  const text = readFileSync(path, "utf8");
  seen.set(path, text);
  for (const [, to = ""] of text.matchAll(/from "(\.[^"]+)"/g)) sources(resolve(dirname(path), to), seen);
  return seen;
}

/** The actions that such calls need: `new QueryCommand(` of `@aws-sdk/client-dynamodb` is `dynamodb:Query`. */
function actionsOf(text: string): string[] {
  const service = /from "@aws-sdk\/client-([\w-]+)"/.exec(text)?.[1]?.replaceAll("-", "");
  return [...text.matchAll(/new (\w+)Command\(/g)].map(([, call]) => `${service}:${call}`);
}

const actions = (statements: readonly Statement[]): string[] =>
  statements.flatMap(({ Action }) => Action).sort((a, b) => (a < b ? -1 : 1));

describe("the function's permissions", () => {
  const files = sources(fileURLToPath(new URL("../../../lambda/snapshot/handler.ts", import.meta.url)));
  const called = [...new Set([...files.values()].flatMap(actionsOf))];

  it("are what its code calls, and what Lambda does for it: not one more, not one fewer", () => {
    const { template } = synth();

    expect(called.length).toBeGreaterThan(2);
    expect(actions(statementsOf(template, functionRoleId(template)))).toEqual(
      [...called, ...LAMBDA_ITSELF].sort((a, b) => (a < b ? -1 : 1)),
    );
  });

  it("with every option are the same, the use of the key, and the network interfaces that Lambda makes", () => {
    const { template } = synth(EVERY_OPTION);
    const allowed = statementsOf(template, functionRoleId(template)).filter(({ Effect }) => Effect === "Allow");
    const others = actions(allowed).filter((action) => ![...called, ...LAMBDA_ITSELF].includes(action));

    expect(actions(allowed)).toEqual(expect.arrayContaining([...called, ...LAMBDA_ITSELF]));
    expect(others.filter((action) => !/^(kms|ec2):/.test(action))).toEqual([]);
  });

  it("come from calls that can be seen: no client is made elsewhere, none has all the calls at once", () => {
    for (const [path, text] of files) {
      expect({ path, aggregated: /new (DynamoDB|SecretsManager|SQS|SNS|S3)\(/.test(text) }).toEqual({
        path,
        aggregated: false,
      });
    }
  });
});

describe("every policy of the stack", () => {
  it.each([
    ["the defaults", {}],
    ["every option", EVERY_OPTION],
  ])("with %s has no wildcard where a resource can be named, and no wildcard of actions", (_, flags) => {
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
  ])("with %s lets nobody in from outside", (_, flags) => {
    const { template } = synth(flags);
    const resources = Object.entries(template.toJSON()["Resources"] as Record<string, { Type: string }>);

    expect(resources.map(([, { Type }]) => Type)).not.toContain("AWS::Lambda::Url");
    expect(resources.map(([, { Type }]) => Type)).not.toContain("AWS::Lambda::Permission");
    // Whom a resource's own policy names: everyone is only ever refused. Endpoints let through whom IAM lets in.
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

/** Every statement of every policy document within. */
function statementsWithin(value: unknown): { Effect: string; Principal?: unknown; Condition?: unknown }[] {
  if (typeof value !== "object" || value === null) return [];
  const own = (value as { Statement?: unknown }).Statement;
  return [...(Array.isArray(own) ? own : []), ...Object.values(value).flatMap((inner) => statementsWithin(inner))];
}
