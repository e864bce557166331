import { describe, expect, it } from "@jest/globals";
import { Match } from "aws-cdk-lib/assertions";
import { synth } from "../synth.ts";
import {
  attribute,
  functionProperties,
  functionRoleId,
  join,
  only,
  propertiesOf,
  pseudo,
  statementsOf,
} from "../template.ts";

const { template } = synth({ staticEgress: "true" });
const addressId = only(template, "AWS::EC2::EIP");
const functionGroupId = only(template, "AWS::EC2::SecurityGroup", "Snapshot function:");
const endpointGroupId = only(template, "AWS::EC2::SecurityGroup", "Secrets Manager endpoint:");

describe("static egress", () => {
  it("is off by default", () => {
    const { template: without } = synth();

    expect(Object.keys(without.toJSON()["Resources"]).filter((id) => id.startsWith("Egress"))).toEqual([]);
    expect(functionProperties(without).VpcConfig).toBeUndefined();
    expect(without.findOutputs("EgressAddress")).toEqual({});
  });

  it("has one NAT gateway, whose address is an output", () => {
    expect(propertiesOf(template, "AWS::EC2::NatGateway").AllocationId).toEqual(attribute(addressId, "AllocationId"));
    template.hasOutput("EgressAddress", { Value: { Ref: addressId } });
  });

  it("puts the function into a private subnet in one zone, behind the gateway", () => {
    const subnetId = only(template, "AWS::EC2::Subnet", "PrivateSubnet");

    expect(functionProperties(template).VpcConfig).toEqual({
      SubnetIds: [{ Ref: subnetId }],
      SecurityGroupIds: [attribute(functionGroupId, "GroupId")],
    });
    template.hasResourceProperties("AWS::EC2::Route", {
      DestinationCidrBlock: "0.0.0.0/0",
      NatGatewayId: { Ref: only(template, "AWS::EC2::NatGateway") },
    });
    template.allResourcesProperties("AWS::EC2::Subnet", { MapPublicIpOnLaunch: false });
  });

  it("allows outbound HTTPS from the function, and inbound traffic only from the function to the endpoint", () => {
    expect(propertiesOf(template, "AWS::EC2::SecurityGroup", functionGroupId)).toMatchObject({
      SecurityGroupEgress: [{ CidrIp: "0.0.0.0/0", IpProtocol: "tcp", FromPort: 443, ToPort: 443 }],
    });
    expect(propertiesOf(template, "AWS::EC2::SecurityGroup", endpointGroupId)).toMatchObject({
      // CDK's representation of no outbound traffic: an unusable address.
      SecurityGroupEgress: [{ CidrIp: "255.255.255.255/32", IpProtocol: "icmp" }],
    });
    template.allResourcesProperties("AWS::EC2::SecurityGroup", { SecurityGroupIngress: Match.absent() });
    expect(propertiesOf(template, "AWS::EC2::SecurityGroupIngress")).toMatchObject({
      GroupId: attribute(endpointGroupId, "GroupId"),
      SourceSecurityGroupId: attribute(functionGroupId, "GroupId"),
      IpProtocol: "tcp",
      FromPort: 443,
      ToPort: 443,
    });
  });

  it("has endpoints for DynamoDB and Secrets Manager that allow only the function's calls", () => {
    const statement = (Action: unknown, Resource: unknown) => ({
      Effect: "Allow",
      Principal: { AWS: "*" },
      Action,
      Resource,
    });

    expect(propertiesOf(template, "AWS::EC2::VPCEndpoint", "Gateway")).toMatchObject({
      ServiceName: join(["com.amazonaws.", pseudo("Region"), ".dynamodb"]),
      RouteTableIds: [{ Ref: only(template, "AWS::EC2::RouteTable", "PrivateSubnet") }],
      PolicyDocument: {
        Statement: [
          statement(["dynamodb:PutItem", "dynamodb:Query"], attribute(only(template, "AWS::DynamoDB::GlobalTable"))),
        ],
      },
    });
    expect(propertiesOf(template, "AWS::EC2::VPCEndpoint", "Interface")).toMatchObject({
      ServiceName: join(["com.amazonaws.", pseudo("Region"), ".secretsmanager"]),
      PrivateDnsEnabled: true,
      SecurityGroupIds: [attribute(endpointGroupId, "GroupId")],
      PolicyDocument: {
        Statement: [statement("secretsmanager:GetSecretValue", { Ref: only(template, "AWS::SecretsManager::Secret") })],
      },
    });
  });

  it("allows Lambda to create network interfaces, but not the function's code", () => {
    const Action = [
      "ec2:AssignPrivateIpAddresses",
      "ec2:CreateNetworkInterface",
      "ec2:DeleteNetworkInterface",
      "ec2:DescribeNetworkInterfaces",
      "ec2:DescribeSubnets",
      "ec2:UnassignPrivateIpAddresses",
    ];
    const found = statementsOf(template, functionRoleId(template)).filter(({ Resource }) => Resource === "*");

    expect(found).toEqual([
      { Effect: "Allow", Action: [...Action, "xray:PutTelemetryRecords", "xray:PutTraceSegments"], Resource: "*" },
      { Effect: "Deny", Action, Resource: "*", Condition: { Null: { "lambda:SourceFunctionArn": "false" } } },
    ]);
  });

  it("logs the network flows", () => {
    template.hasResourceProperties("AWS::EC2::FlowLog", {
      ResourceId: { Ref: only(template, "AWS::EC2::VPC") },
      TrafficType: "ALL",
      LogGroupName: { Ref: only(template, "AWS::Logs::LogGroup", "EgressFlows") },
    });
  });
});
