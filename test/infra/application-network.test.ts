import { Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { type ISecurityGroup, type IVpc, SecurityGroup, SubnetType, Vpc } from "aws-cdk-lib/aws-ec2";
import { BalanceSnapshots } from "../../infra/balance-snapshots.ts";
import type { BalanceSnapshotsProps } from "../../infra/props.ts";
import { describe, expect, it } from "../support/jest.ts";
import { createTestApp } from "./create-stack.ts";
import { functionProperties, only, resourcesOf } from "./template.ts";

const GROUP = "AWS::EC2::SecurityGroup";

/** Creates a deployment with a VPC of another stack, or of its own. */
function createWith(isSameStack: boolean, props: (vpc: IVpc, stack: Stack) => BalanceSnapshotsProps) {
  const app = createTestApp();
  const shared = new Stack(app, "Shared");
  const stack = isSameStack ? shared : new Stack(app, "Treasury");
  const vpc = new Vpc(shared, "Vpc", {
    subnetConfiguration: [
      { name: "Public", subnetType: SubnetType.PUBLIC },
      { name: "Private", subnetType: SubnetType.PRIVATE_WITH_EGRESS },
      { name: "Isolated", subnetType: SubnetType.PRIVATE_ISOLATED },
    ],
  }) as IVpc;
  new BalanceSnapshots(stack, "Snapshots", props(vpc, stack));
  return Template.fromStack(stack);
}

const vpcConfig = (template: Template) => functionProperties(template).VpcConfig;
const dependenciesOf = (template: Template, id: string) =>
  [(Object.fromEntries(resourcesOf(template))[id] as { DependsOn?: string[] }).DependsOn ?? []].flat();
const policyId = (template: Template) => only(template, "AWS::IAM::Policy", "ec2:DeleteNetworkInterface");

describe("a VPC of the application", () => {
  const inOneStack = createWith(true, (vpc) => ({ vpc }));
  it("contains the function, in its private subnets with egress", () => {
    const template = inOneStack;
    const subnets = JSON.stringify(vpcConfig(template).SubnetIds);
    expect(subnets.match(/VpcPrivateSubnet\d/g)).toEqual(["VpcPrivateSubnet1", "VpcPrivateSubnet2"]);
    expect(vpcConfig(template).SubnetIds).toHaveLength(2);
    const groupId = only(template, GROUP, "Snapshot function:");
    expect(vpcConfig(template).SecurityGroupIds).toEqual([{ "Fn::GetAtt": [groupId, "GroupId"] }]);
    expect(dependenciesOf(template, groupId)).toEqual([policyId(template)]);
  });

  it("does not depend on the construct, because the application may order them differently", () => {
    const subnets = Object.keys(inOneStack.findResources("AWS::EC2::Subnet"));
    expect(subnets).toHaveLength(6);
    for (const id of subnets) expect(dependenciesOf(inOneStack, id)).toEqual([]);
  });

  it("has a route to the API before the function starts", () => {
    const id = only(inOneStack, "AWS::Lambda::Function", "TABLE_NAME");

    expect(dependenciesOf(inOneStack, id)).toContainEqual(expect.stringMatching(/^VpcPrivateSubnet1DefaultRoute/));
  });

  it("may be of another stack, and be used with other subnets and security groups", () => {
    const template = createWith(false, (vpc, stack) => ({
      vpc,
      vpcSubnets: { subnetType: SubnetType.PRIVATE_ISOLATED },
      securityGroups: [new SecurityGroup(stack, "Group", { vpc }) as ISecurityGroup],
    }));

    const groupId = only(template, GROUP);
    expect(JSON.stringify(vpcConfig(template).SubnetIds).match(/Vpc\w+?Subnet\d/g)).toEqual([
      "VpcIsolatedSubnet1",
      "VpcIsolatedSubnet2",
    ]);
    expect(vpcConfig(template).SecurityGroupIds).toEqual([{ "Fn::GetAtt": [groupId, "GroupId"] }]);
    // Lambda deletes its network interfaces with this permission, before CloudFormation can delete the group.
    expect(dependenciesOf(template, groupId)).toContain(policyId(template));
  });
});
