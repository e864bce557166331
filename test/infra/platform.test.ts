import { readFileSync } from "node:fs";
import { DefaultStackSynthesizer } from "aws-cdk-lib";
import type { Template } from "aws-cdk-lib/assertions";
import { describe, expect, it } from "../support/jest.ts";
import { AGNOSTIC, EVERY_OPTION } from "./configurations.ts";
import { evaluate } from "./intrinsics.ts";
import { synth } from "./synth.ts";

// What docs/deploy.md promises to platform teams: CDK's own context keys, and the partitions of China and GovCloud.

const JSON_BLOCKS = [
  ...readFileSync(new URL("../../docs/deploy.md", import.meta.url), "utf8").matchAll(/^```json\n([\s\S]*?)^```/gm),
].map(([, block = ""]) => JSON.parse(block));
/** The example of the document: the boundary company-boundary and the qualifier acme. */
const PLATFORM: Record<string, unknown> = JSON_BLOCKS.find((block) => "context" in block).context;

const keyIn = (partition: string, region: string) =>
  `arn:${partition}:kms:${region}:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab`;
/** Each option except the key, which fixes the region: CloudFormation resolves partition, region and URL suffix. */
const { kmsKeyArn: _, ...withoutKey } = EVERY_OPTION;

describe("a permissions boundary and a bootstrap qualifier in CDK's context", () => {
  it("are on every role, and in the asset bucket, the bootstrap version and the roles of the deployment", () => {
    const { template, app } = synth({ ...EVERY_OPTION, ...PLATFORM });
    const [stack] = app.synth().stacks;
    const code = Object.values(template.findResources("AWS::Lambda::Function")).map(
      ({ Properties }) => Properties.Code,
    );

    const roles = Object.values(template.findResources("AWS::IAM::Role"));
    expect(roles.length).toBeGreaterThan(6);
    for (const { Properties } of roles)
      expect(JSON.stringify(Properties.PermissionsBoundary)).toContain(":policy/company-boundary");
    expect(code.length).toBeGreaterThan(2);
    for (const { S3Bucket } of code)
      expect(S3Bucket).toEqual({ "Fn::Sub": expect.stringMatching(/^cdk-acme-assets-/) });
    expect(template.toJSON()["Parameters"].BootstrapVersion.Default).toBe("/cdk-bootstrap/acme/version");
    expect(stack?.assumeRoleArn).toContain(":role/cdk-acme-deploy-role-");
    expect(stack?.cloudFormationExecutionRoleArn).toContain(":role/cdk-acme-cfn-exec-role-");
    expect(stack?.stackTemplateAssetObjectUrl).toMatch(/^s3:\/\/cdk-acme-assets-/);
    expect(JSON.stringify(template.toJSON())).not.toContain("hnb659fds");
  });
});

describe("the role of a pipeline in docs/deploy.md", () => {
  it("may assume the roles of CDK's bootstrap stack that deploy, publish files and look up, and nothing else", () => {
    const { Statement } = JSON_BLOCKS.find((block) => block.Statement?.[0].Action === "sts:AssumeRole");
    const placeholders: Readonly<Record<string, string>> = {
      "AWS::Partition": "aws",
      "AWS::AccountId": "ACCOUNT",
      "AWS::Region": "REGION",
      Qualifier: DefaultStackSynthesizer.DEFAULT_QUALIFIER,
    };

    const roles = [
      DefaultStackSynthesizer.DEFAULT_DEPLOY_ROLE_ARN,
      DefaultStackSynthesizer.DEFAULT_FILE_ASSET_PUBLISHING_ROLE_ARN,
      DefaultStackSynthesizer.DEFAULT_LOOKUP_ROLE_ARN,
    ].map((arn) => arn.replace(/\$\{(\S+?)\}/g, (_, placeholder) => placeholders[placeholder] ?? placeholder));
    expect(Statement).toEqual([{ Effect: "Allow", Action: "sts:AssumeRole", Resource: roles }]);
  });
});

describe.each([
  ["aws-cn", "cn-north-1", "amazonaws.com.cn"],
  ["aws-us-gov", "us-gov-west-1", "amazonaws.com"],
])("in the partition %s", (partition, region, urlSuffix) => {
  const pseudo = {
    "AWS::Partition": partition,
    "AWS::Region": region,
    "AWS::AccountId": "123456789012",
    "AWS::URLSuffix": urlSuffix,
    "AWS::StackId": `arn:${partition}:cloudformation:${region}:123456789012:stack/snapshots/51af3dc0-da77-11e4-872e-1234567abcde`,
  };

  it.each([
    ["every option in an unknown region", AGNOSTIC],
    [
      "every option, with a key of the region",
      { ...withoutKey, kmsKeyArn: keyIn(partition, region), availabilityZone: `${region}a` },
    ],
  ])("no ARN and no host name belongs to another partition with %s", (_name, flags) => {
    const texts = textsOf(synth({ ...flags }).template, pseudo);

    expect(texts.length).toBeGreaterThan(400);
    // CloudFormation replaces ${Partition} in the definition of a state machine.
    expect(texts.filter((text) => new RegExp(`arn:(?!(${partition}|\\$\\{Partition\\}):)`).test(text))).toEqual([]);
    // AWS services have the same principals in all partitions, and VPC endpoints have names that begin with com.amazonaws.
    const hosts = texts.filter((text) => /amazonaws\.|aws\.amazon\.com/.test(text));
    const others = hosts.filter(
      (text) =>
        !/^(backup|cloudwatch|lambda|scheduler|states|vpc-flow-logs)\.amazonaws\.com$/.test(text) &&
        !text.startsWith(`com.amazonaws.${region}.`) &&
        !text.endsWith(`.${region}.${urlSuffix}`) &&
        // The queue's URL is an attribute of the queue, so only links into the AWS console are left.
        !text.startsWith(`https://${region}.${CONSOLES[partition]}/`),
    );
    expect(others).toEqual([]);
  });
});

/** https://docs.amazonaws.cn/en_us/aws/latest/userguide/endpoints-arns.html and https://docs.aws.amazon.com/govcloud-us/latest/UserGuide/getting-started-sign-in.html */
const CONSOLES: Readonly<Record<string, string>> = {
  "aws-cn": "console.amazonaws.cn",
  "aws-us-gov": "console.amazonaws-us-gov.com",
};

type Pseudo = Readonly<Record<string, string>>;

/** Returns the values of references: those to resources become `${id}`. */
const referencesWith = (pseudo: Pseudo) => (id: string, attribute?: string) =>
  pseudo[id] ?? `\${${attribute === undefined ? id : `${id}.${attribute}`}}`;

/** Returns every text of a template as CloudFormation evaluates it. */
function textsOf(template: Template, pseudo: Pseudo): string[] {
  const { Conditions, Resources, Outputs } = template.toJSON();
  const texts: string[] = [];
  const collect = (value: unknown): void => {
    if (typeof value === "string") texts.push(value);
    else if (typeof value === "object" && value !== null) for (const inner of Object.values(value)) collect(inner);
  };
  collect(evaluate({ Resources, Outputs }, referencesWith(pseudo), Conditions));
  return texts;
}
