import { Match, type Template } from "aws-cdk-lib/assertions";
import { describe, expect, it } from "../support/jest.ts";
import { EXISTING_RESOURCES } from "./configurations.ts";
import { synth } from "./synth.ts";
import {
  allow,
  attribute,
  functionId,
  functionProperties,
  join,
  only,
  propertiesOf,
  pseudo,
  type Resource,
  resourcesOf,
} from "./template.ts";

const GROUP = "AWS::EC2::SecurityGroup";
const SUBNET = "AWS::EC2::Subnet";

const { vpcId, subnetIds } = EXISTING_RESOURCES;
const { template: none } = synth();
const { template: egress } = synth({ staticEgress: "true" });
const { template: otherZone } = synth({ staticEgress: "true", availabilityZone: "eu-west-1b" });
const { template: existing } = synth({ vpcId, subnetIds: subnetIds.join(",") });

const addressId = only(egress, "AWS::EC2::EIP");
const subnetId = only(egress, SUBNET, "PrivateSubnet");
const functionGroupId = only(egress, GROUP, "Snapshot function:");
const endpointGroupId = only(egress, GROUP, "Secrets Manager endpoint:");

/** The IDs of all network resources. */
const networkIds = (template: Template) =>
  resourcesOf(template)
    .filter(([, { Type }]) => Type.startsWith("AWS::EC2::"))
    .map(([id]) => id);

/** The ID of the policy that lets Lambda manage network interfaces. */
const policyId = (template: Template) => only(template, "AWS::IAM::Policy", "ec2:DeleteNetworkInterface");

describe("static egress", () => {
  it("puts the function into a private subnet in one zone, behind one NAT gateway whose address is an output", () => {
    expect(functionProperties(egress).VpcConfig).toEqual({
      SubnetIds: [{ Ref: subnetId }],
      SecurityGroupIds: [attribute(functionGroupId, "GroupId")],
    });
    expect(propertiesOf(egress, "AWS::EC2::NatGateway").AllocationId).toEqual(attribute(addressId, "AllocationId"));
    egress.hasOutput("EgressAddress", { Value: { Ref: addressId } });
    egress.hasResourceProperties("AWS::EC2::Route", {
      DestinationCidrBlock: "0.0.0.0/0",
      NatGatewayId: { Ref: only(egress, "AWS::EC2::NatGateway") },
    });
    egress.allResourcesProperties(SUBNET, {
      MapPublicIpOnLaunch: false,
      AvailabilityZone: { "Fn::Select": [0, { "Fn::GetAZs": "" }] },
    });
  });

  it("uses another availability zone if one is configured, in a network of its own", () => {
    otherZone.allResourcesProperties(SUBNET, { AvailabilityZone: "eu-west-1b" });
    expect(networkIds(otherZone)).toHaveLength(networkIds(egress).length);
    // Neither a subnet nor a gateway can be replaced while the old one has its addresses.
    expect(networkIds(otherZone).filter((id) => networkIds(egress).includes(id))).toEqual([]);
  });

  it("allows outbound HTTPS from the function, and inbound traffic only from the function to the endpoint", () => {
    const https = { IpProtocol: "tcp", FromPort: 443, ToPort: 443 };

    expect(propertiesOf(egress, GROUP, "Snapshot function:")).toMatchObject({
      SecurityGroupEgress: [{ CidrIp: "0.0.0.0/0", ...https }],
    });
    expect(propertiesOf(egress, GROUP, "Secrets Manager endpoint:")).toMatchObject({
      // CDK's representation of no outbound traffic: an unusable address.
      SecurityGroupEgress: [{ CidrIp: "255.255.255.255/32", IpProtocol: "icmp" }],
      SecurityGroupIngress: [{ SourceSecurityGroupId: attribute(functionGroupId, "GroupId"), ...https }],
    });
    expect(propertiesOf(egress, GROUP, "Snapshot function:").SecurityGroupIngress).toBeUndefined();
    egress.resourceCountIs("AWS::EC2::SecurityGroupIngress", 0);
  });

  it("has endpoints for DynamoDB and Secrets Manager that allow only the function's calls", () => {
    const Principal = { AWS: "*" };
    const tableArn = attribute(only(egress, "AWS::DynamoDB::GlobalTable"));
    const secretId = only(egress, "AWS::SecretsManager::Secret");

    expect(propertiesOf(egress, "AWS::EC2::VPCEndpoint", "Gateway")).toMatchObject({
      ServiceName: join(["com.amazonaws.", pseudo("Region"), ".dynamodb"]),
      RouteTableIds: [{ Ref: only(egress, "AWS::EC2::RouteTable", "PrivateSubnet") }],
      PolicyDocument: { Statement: [{ ...allow(["dynamodb:PutItem", "dynamodb:Query"], tableArn), Principal }] },
    });
    expect(propertiesOf(egress, "AWS::EC2::VPCEndpoint", "Interface")).toMatchObject({
      ServiceName: join(["com.amazonaws.", pseudo("Region"), ".secretsmanager"]),
      PrivateDnsEnabled: true,
      SecurityGroupIds: [attribute(endpointGroupId, "GroupId")],
      PolicyDocument: { Statement: [{ ...allow("secretsmanager:GetSecretValue", { Ref: secretId }), Principal }] },
    });
  });
});

describe("an existing network", () => {
  it("gets a security group for outbound HTTPS, and the function in the configured subnets, nothing else", () => {
    expect(functionProperties(existing).VpcConfig).toEqual({
      SubnetIds: subnetIds,
      SecurityGroupIds: [attribute(only(existing, GROUP), "GroupId")],
    });
    expect(networkIds(existing)).toEqual([only(existing, GROUP)]);
    existing.hasResourceProperties(GROUP, {
      VpcId: vpcId,
      SecurityGroupEgress: [{ CidrIp: "0.0.0.0/0", IpProtocol: "tcp", FromPort: 443, ToPort: 443 }],
      SecurityGroupIngress: Match.absent(),
    });
    expect(existing.findOutputs("EgressAddress")).toEqual({});
  });
});

describe.each([
  ["static egress", egress],
  ["an existing network", existing],
])("the permissions for network interfaces with %s", (_, template) => {
  // CloudFormation deletes a resource before those that it depends on.
  it("exist before the function, and are deleted after its security group and subnets", () => {
    const dependent = [functionId(template), only(template, GROUP, "Snapshot function:")];
    if (template === egress) dependent.push(subnetId);

    for (const id of dependent) expect(dependenciesOf(template, id)).toContain(policyId(template));
  });

  it("are all that the role loses with the network, and it loses them after the function has left the network", () => {
    const before = new Map(resourcesOf(template));
    const changed = resourcesOf(none).filter(([id, resource]) => !sameResource(before.get(id), resource));

    expect(none.findResources("AWS::IAM::Policy")).not.toHaveProperty(policyId(template));
    // The changes before CloudFormation deletes what the template no longer has.
    expect(changed.map(([id]) => id)).toEqual([functionId(none)]);
    expect(functionProperties(none).VpcConfig).toBeUndefined();
  });
});

describe("changing the network", () => {
  it("keeps the permissions for network interfaces", () => {
    const policyOf = (template: Template) => [
      policyId(template),
      propertiesOf(template, "AWS::IAM::Policy", policyId(template)),
    ];

    expect(policyOf(otherZone)).toEqual(policyOf(egress));
    expect(policyOf(existing)).toEqual(policyOf(egress));
  });
});

describe("the function in a new network", () => {
  it("does not start before there is a route to the API", () => {
    expect(dependenciesOf(egress, functionId(egress))).toContain(only(egress, "AWS::EC2::Route", "NatGatewayId"));
  });
});

/** Whether CloudFormation sees no change: it compares everything but the order of creation. */
function sameResource(before: Resource | undefined, after: Resource): boolean {
  const properties = (resource: Resource | undefined) => JSON.stringify([resource?.Type, resource?.Properties]);
  return properties(before) === properties(after);
}

/** Returns the IDs of the resources on which a resource depends, directly or not. */
function dependenciesOf(template: Template, id: string, found = new Set<string>()): Set<string> {
  const { [id]: resource } = Object.fromEntries(resourcesOf(template));
  for (const next of referencesIn(resource)) {
    if (found.has(next)) continue;
    found.add(next);
    dependenciesOf(template, next, found);
  }
  return found;
}

/** Returns the IDs in `DependsOn`, `Ref`, `Fn::GetAtt` and `Fn::Sub`, without pseudo parameters. */
function referencesIn(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    if (key === "Ref" && !String(inner).startsWith("AWS::")) return [String(inner)];
    if (key === "Fn::GetAtt") return [String([inner].flat()[0])];
    if (key === "DependsOn") return [inner].flat().map(String);
    if (key === "Fn::Sub") return [...String(inner).matchAll(/\$\{(\w+)[.}]/g)].map(([, id = ""]) => id);
    return referencesIn(inner);
  });
}
