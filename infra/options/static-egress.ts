import {
  CfnEIP,
  FlowLogDestination,
  GatewayVpcEndpointAwsService,
  InterfaceVpcEndpointAwsService,
  IpAddresses,
  type IVpc,
  NatProvider,
  Peer,
  Port,
  SecurityGroup,
  SubnetType,
  Vpc,
} from "aws-cdk-lib/aws-ec2";
import { AnyPrincipal, Effect, type IRole, PolicyStatement } from "aws-cdk-lib/aws-iam";
import { RetentionDays } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import { createLogGroup } from "../snapshot/log-group.ts";

export interface StaticEgressProps {
  /** The only table that the DynamoDB endpoint allows. */
  readonly tableArn: string;
  /** The only secret that the Secrets Manager endpoint allows. */
  readonly secretArn: string;
}

/**
 * A VPC from which all requests to the API come from one fixed IP address, for the IP allowlist of the CDP key. It uses
 * one availability zone, because a second gateway would double the cost and add an address (docs/adr/0005). The function
 * reaches DynamoDB and Secrets Manager through VPC endpoints that allow only the calls it makes. Logs, traces and dead
 * letters need no route, because Lambda sends them from outside the VPC.
 */
export class StaticEgress extends Construct {
  /** The public IP address of requests to the API. */
  readonly address: string;
  readonly vpc: IVpc;
  readonly securityGroup: SecurityGroup;

  constructor(scope: Construct, id: string, props: StaticEgressProps) {
    super(scope, id);
    // A separate resource, so that the address survives a replacement of the gateway.
    const eip = new CfnEIP(this, "Address", { domain: "vpc" });
    this.address = eip.ref;
    this.vpc = new Vpc(this, "Vpc", {
      ipAddresses: IpAddresses.cidr("10.0.0.0/26"),
      maxAzs: 1,
      natGatewayProvider: NatProvider.gateway({ eipAllocationIds: [eip.attrAllocationId] }),
      subnetConfiguration: [
        { name: "Public", subnetType: SubnetType.PUBLIC, cidrMask: 28, mapPublicIpOnLaunch: false },
        { name: "Private", subnetType: SubnetType.PRIVATE_WITH_EGRESS, cidrMask: 28 },
      ],
      // Emptying the default security group, which nothing uses, would require another function.
      restrictDefaultSecurityGroup: false,
      // The cast works around CDK's types, which do not support exactOptionalPropertyTypes.
    }) as IVpc;
    const flowLogs = createLogGroup(this, "Flows", RetentionDays.THREE_MONTHS);
    this.vpc.addFlowLog("Flows", { destination: FlowLogDestination.toCloudWatchLogs(flowLogs) });

    this.securityGroup = new SecurityGroup(this, "Function", {
      vpc: this.vpc,
      description: "Snapshot function: outbound HTTPS only, no inbound traffic",
      allowAllOutbound: false,
    });
    // The API has no fixed addresses, and the DynamoDB gateway endpoint uses public ones.
    this.securityGroup.addEgressRule(Peer.anyIpv4(), Port.HTTPS, "CDP API, DynamoDB, Secrets Manager");
    this.#addEndpoints(props);
  }

  /**
   * Allows Lambda to create the network interfaces of a function with this role, but denies it to the function's code.
   * https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions
   */
  grantAttach(role: IRole): void {
    const actions = [
      "ec2:AssignPrivateIpAddresses",
      "ec2:CreateNetworkInterface",
      "ec2:DeleteNetworkInterface",
      "ec2:DescribeNetworkInterfaces",
      "ec2:DescribeSubnets",
      "ec2:UnassignPrivateIpAddresses",
    ];
    role.addToPrincipalPolicy(new PolicyStatement({ actions, resources: ["*"] }));
    role.addToPrincipalPolicy(
      new PolicyStatement({
        effect: Effect.DENY,
        actions,
        resources: ["*"],
        // The key is present in every call from a function's code, and absent in calls that Lambda makes on its behalf.
        conditions: { Null: { "lambda:SourceFunctionArn": "false" } },
      }),
    );
  }

  #addEndpoints({ tableArn, secretArn }: StaticEgressProps): void {
    const allow = (actions: string[], resource: string) =>
      new PolicyStatement({ principals: [new AnyPrincipal()], actions, resources: [resource] });
    this.vpc
      .addGatewayEndpoint("DynamoDb", {
        service: GatewayVpcEndpointAwsService.DYNAMODB,
        subnets: [{ subnetType: SubnetType.PRIVATE_WITH_EGRESS }],
      })
      .addToPolicy(allow(["dynamodb:PutItem", "dynamodb:Query"], tableArn));

    const securityGroup = new SecurityGroup(this, "Endpoint", {
      vpc: this.vpc,
      description: "Secrets Manager endpoint: inbound from the snapshot function only",
      allowAllOutbound: false,
    });
    securityGroup.addIngressRule(this.securityGroup, Port.HTTPS, "Snapshot function");
    this.vpc
      .addInterfaceEndpoint("SecretsManager", {
        service: InterfaceVpcEndpointAwsService.SECRETS_MANAGER,
        securityGroups: [securityGroup],
        open: false,
      })
      .addToPolicy(allow(["secretsmanager:GetSecretValue"], secretArn));
  }
}
