import { Stack } from "aws-cdk-lib";
import { CfnSecurityGroup, type ISecurityGroup, type ISubnet } from "aws-cdk-lib/aws-ec2";
import { Effect, Policy, PolicyStatement, type Role } from "aws-cdk-lib/aws-iam";
import type { CfnFunction, Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import { Construct, type IConstruct } from "constructs";
import { type Resources, selectSubnets } from "../config/resources.ts";
import type { Config } from "../config/validate.ts";

export interface FunctionNetworkProps {
  readonly vpcId: string;
  /** Subnets, or the IDs of existing ones. */
  readonly subnets: readonly (ISubnet | string)[];
  /** Default: a new one that allows outbound HTTPS and nothing else. */
  readonly securityGroups?: readonly ISecurityGroup[] | undefined;
}

/**
 * The subnets in which a function runs, and its security groups. Logs, traces and dead letters need no route, because Lambda sends
 * them from outside the VPC.
 */
export class FunctionNetwork extends Construct {
  readonly securityGroupIds: readonly string[];
  readonly #subnets: readonly (ISubnet | string)[];
  readonly #securityGroups: readonly IConstruct[];

  constructor(scope: Construct, id: string, { vpcId, subnets, securityGroups }: FunctionNetworkProps) {
    super(scope, id);
    this.#subnets = subnets;
    if (securityGroups !== undefined) {
      this.#securityGroups = securityGroups;
      this.securityGroupIds = securityGroups.map(({ securityGroupId }) => securityGroupId);
      return;
    }
    const securityGroup = new CfnSecurityGroup(this, "SecurityGroup", {
      vpcId,
      groupDescription: "Snapshot function: outbound HTTPS only, no inbound traffic",
      securityGroupEgress: [
        {
          // The API has no fixed addresses, and the DynamoDB gateway endpoint uses public ones.
          cidrIp: "0.0.0.0/0",
          ipProtocol: "tcp",
          fromPort: 443,
          toPort: 443,
          description: "CDP API, DynamoDB, Secrets Manager",
        },
      ],
    });
    this.#securityGroups = [securityGroup];
    this.securityGroupIds = [securityGroup.attrGroupId];
  }

  /** Returns the network in an existing VPC, or `undefined` if there is none. */
  static inExistingVpc(
    scope: Construct,
    id: string,
    { vpcId, subnetIds }: Config,
    { vpc, vpcSubnets, securityGroups }: Resources,
  ): FunctionNetwork | undefined {
    if (vpc !== undefined) {
      const { subnets } = selectSubnets(vpc, vpcSubnets);
      return new FunctionNetwork(scope, id, { vpcId: vpc.vpcId, subnets, securityGroups });
    }
    if (vpcId === undefined || subnetIds === undefined) return undefined;
    return new FunctionNetwork(scope, id, { vpcId, subnets: subnetIds });
  }

  /**
   * Runs a function in this network. Lambda deletes the function's network interfaces with the permissions of its role,
   * up to 20 minutes after the function has left the network. CloudFormation deletes what an update has removed after all
   * changes, dependents first. So the permissions are a resource on which the security group and the subnets depend: they
   * exist until both are deleted, which is not possible before the last interface is. In the role's own policy, the
   * permissions would end before the function leaves the network, and the interfaces would remain. Sources:
   * https://github.com/aws/aws-cdk/issues/34400
   * https://github.com/awslabs/aws-support-tools/pull/174
   * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-dependson.html
   */
  attach(fn: LambdaFunction, role: Role): void {
    const policy = createPolicy(role);
    const subnets = this.#subnets.filter((subnet) => typeof subnet !== "string");
    // Subnets of the application may be in another stack. They exist until their security group is deleted, because it is in their VPC.
    const created = subnets.filter(({ node }) => node.scopes.includes(this.node.scope ?? this));
    const groups = this.#securityGroups.filter((group) => Stack.of(group) === Stack.of(this));
    for (const dependent of [fn, ...groups, ...created]) dependent.node.addDependency(policy);
    // Otherwise the first runs could start before there is a route to the API.
    fn.node.addDependency(...subnets.map((subnet) => subnet.internetConnectivityEstablished));
    (fn.node.defaultChild as CfnFunction).vpcConfig = {
      subnetIds: this.#subnets.map((subnet) => (typeof subnet === "string" ? subnet : subnet.subnetId)),
      securityGroupIds: [...this.securityGroupIds],
    };
  }
}

/**
 * Allows Lambda to manage the network interfaces of a function with this role, but denies it to the function's code.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions
 */
function createPolicy(role: Role): Policy {
  const actions = [
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
  ];
  return new Policy(role, "NetworkInterfaces", {
    roles: [role],
    statements: [
      new PolicyStatement({ actions, resources: ["*"] }),
      new PolicyStatement({
        effect: Effect.DENY,
        actions,
        resources: ["*"],
        // The key is present in every call from a function's code, and absent in calls that Lambda makes on its behalf.
        conditions: { Null: { "lambda:SourceFunctionArn": "false" } },
      }),
    ],
  });
}
