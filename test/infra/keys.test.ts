import { readFileSync } from "node:fs";
import { join as joinPath } from "node:path";
import { readJobConfigs } from "../../core/config.ts";
import { ENV } from "../../core/names/environment.ts";
import { keysOf, OUTPUTS, outputName } from "../../core/names/outputs.ts";
import { describe, expect, it } from "../support/jest.ts";
import { newFolder } from "../support/new-folder.ts";
import { accountId, EVERY_OPTION, SEVERAL_KEYS } from "./configurations.ts";
import { createStack } from "./create-stack.ts";
import { type Conditions, evaluate } from "./intrinsics.ts";
import { synth } from "./synth.ts";
import { attribute, environmentOf, functionId, only, propertiesOf, scheduleRoleId } from "./template.ts";

const { template, app } = synth(SEVERAL_KEYS);
const { template: single } = synth({ staticEgress: "true" });
const usSecret = { Ref: only(template, "AWS::SecretsManager::Secret") };
const resolve = (value: unknown) =>
  String(evaluate(value, (id) => `\${${id}}`, template.findConditions("*") as Conditions));

/** Returns the path of the configuration file in the layer. */
function file(): string {
  const { S3Key } = propertiesOf(template, "AWS::Lambda::LayerVersion").Content;
  return joinPath(app.outdir, `asset.${S3Key.replace(".zip", "")}`, "configuration.json");
}

describe("the function of a stack with keys", () => {
  it("receives the id of each secret as one variable, and nothing of a key otherwise", () => {
    const { [ENV.apiKeySecretIds]: ids, ...environment } = environmentOf(template);

    expect(JSON.parse(resolve(ids))).toEqual({ emea: "prod/emea", us: `\${${usSecret.Ref}}` });
    expect(environment).toEqual({
      POWERTOOLS_SERVICE_NAME: "cdp-balance-snapshots",
      [ENV.tableName]: { Ref: only(template, "AWS::DynamoDB::GlobalTable") },
      [ENV.configurationFile]: "/opt/configuration.json",
    });
  });

  it("finds the settings of each key in its file, with the part of a shared limit", () => {
    expect(JSON.parse(readFileSync(file(), "utf8"))).toEqual({
      keys: {
        emea: {
          accounts: [accountId(1), accountId(2)],
          readsPerTenSeconds: 200,
          schedule: "cron(0 18 ? * MON-FRI *)",
          timezone: "Europe/Berlin",
          latenessLimitSeconds: 7200,
        },
        us: {
          accountsOwner: "entity,customer",
          accountsType: "prime",
          readsPerTenSeconds: 400,
          schedule: "cron(0 * * * ? *)",
          timezone: "UTC",
          latenessLimitSeconds: 3600,
        },
      },
    });
  });

  it("accepts both as its configuration", () => {
    const variables = Object.entries(environmentOf(template)).map(([name, value]) => [name, resolve(value)]);

    const configs = readJobConfigs({ ...Object.fromEntries(variables), [ENV.configurationFile]: file() });

    expect(configs.map(({ key, apiKeySecretId, keys }) => [key, apiKeySecretId, keys])).toEqual([
      ["emea", "prod/emea", ["emea", "us"]],
      ["us", `\${${usSecret.Ref}}`, ["emea", "us"]],
    ]);
  });

  it("reads the secrets through an endpoint that allows exactly these", () => {
    const { Statement } = propertiesOf(template, "AWS::EC2::VPCEndpoint", "secretsmanager").PolicyDocument;

    expect(Statement[0].Resource).toHaveLength(2);
    expect(Statement).toEqual([expect.objectContaining({ Resource: expect.arrayContaining([usSecret]) })]);
  });

  it("receives events until they are too late for every key", () => {
    template.hasResourceProperties("AWS::Lambda::EventInvokeConfig", { MaximumEventAgeInSeconds: 7200 });
  });
});

describe("the schedules of a stack with keys", () => {
  const schedules = Object.values(template.findResources("AWS::Scheduler::Schedule")).map((one) => one["Properties"]);

  it("are one per key, with its expression, its lateness limit and its name in the event", () => {
    const input = (key: string) => `{"scheduledTime":"<aws.scheduler.scheduled-time>","key":"${key}"}`;
    const shown = schedules.map(({ ScheduleExpression, ScheduleExpressionTimezone, Target }) => [
      ...[ScheduleExpression, ScheduleExpressionTimezone, Target.Input, Target.RetryPolicy.MaximumEventAgeInSeconds],
    ]);

    expect(shown).toEqual([
      ["cron(0 18 ? * MON-FRI *)", "Europe/Berlin", input("emea"), 7200],
      ["cron(0 * * * ? *)", "UTC", input("us"), 3600],
    ]);
  });

  it("share the group, the role and the dead-letter queue of the stack", () => {
    template.resourceCountIs("AWS::Scheduler::ScheduleGroup", 1);
    const queue = attribute(only(template, "AWS::SQS::Queue"));
    for (const { GroupName, Target } of schedules) {
      expect(GroupName).toBe(propertiesOf(template, "AWS::Scheduler::ScheduleGroup").Name);
      expect(Target).toMatchObject({ Arn: attribute(functionId(template)), DeadLetterConfig: { Arn: queue } });
      expect(Target.RoleArn).toEqual(schedules[0].Target.RoleArn);
    }
  });
});

describe("a stack with keys", () => {
  it("keeps the logical IDs of everything that does not belong to a key", () => {
    const idsOf = (of: typeof template) => Object.keys(of.toJSON()["Resources"]);
    const ofKeys = /^(ApiKey|Schedule(Schedule|[0-9A-F]{8}$)|Alarms|Configuration|Dashboard)/;
    const others = (ids: string[]) => ids.filter((id) => !ofKeys.test(id));

    expect(others(idsOf(template))).toEqual(others(idsOf(single)));
    expect(others(idsOf(template)).length).toBeGreaterThan(40);
    expect(scheduleRoleId(single)).toBe(
      propertiesOf(template, "AWS::Scheduler::Schedule", "emea").Target.RoleArn["Fn::GetAtt"][0],
    );
  });

  it("has outputs of each key, which readers find by the names of the keys", () => {
    const values = Object.entries(template.findOutputs("*")).map(
      ([name, { Value }]) => [name, resolve(Value)] as const,
    );
    const outputs = new Map(values);
    const of = (output: string, key: string) => outputs.get(outputName(output, key));

    expect(keysOf(outputs)).toEqual(["emea", "us"]);
    expect(keysOf(new Map(Object.keys(single.findOutputs("*")).map((name) => [name, ""])))).toEqual([undefined]);
    expect([of(OUTPUTS.secretId, "emea"), of(OUTPUTS.secretId, "us")]).toEqual(["prod/emea", `\${${usSecret.Ref}}`]);
    expect([of(OUTPUTS.recordedAccounts, "emea"), of(OUTPUTS.recordedAccounts, "us")]).toEqual([
      "2 configured",
      "all, owner entity,customer, type prime",
    ]);
    expect(of(OUTPUTS.putKeyCommand, "emea")).toContain(
      "--secret-id prod/emea --secret-string file://cdp_api_key-emea.json",
    );
    expect(of("SecretLink", "us")).toContain(`secret?name=\${${usSecret.Ref}}&`);
    for (const output of ["secretId", "recordedAccounts", "putKeyCommand"] as const)
      expect(outputs.has(OUTPUTS[output])).toBe(false);
    expect(outputName("SecretId", "us-east-1")).toBe("SecretIdUsEast1");
  });

  it("shows the key in the saved queries and in the test events", () => {
    const queries = Object.values(template.findResources("AWS::Logs::QueryDefinition"));
    const withKey = queries.filter(({ Properties }) => /^fields .*, key, /m.test(Properties.QueryString));
    const content = JSON.stringify(template.findResources("Custom::TestEvents"));

    expect(withKey).toHaveLength(2);
    expect(content).toContain('One-key\\\\\\":{\\\\\\"value\\\\\\":{\\\\\\"key\\\\\\":\\\\\\"emea');
  });

  it("fails the synthesis if the names of its secrets exceed the environment", () => {
    expect(() => createStack({ ...EVERY_OPTION, ...longNames }, newFolder())).toThrow(
      /its environment takes \d+ bytes, and Lambda allows 4096; .* CDP_API_KEY_SECRET_IDS \(5/,
    );
  });
});

const longNames = {
  accounts: "all",
  keys: Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`k${i}`, { secretName: `${i}`.padEnd(512, "n") }])),
};
