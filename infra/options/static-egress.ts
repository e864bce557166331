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
import { AnyPrincipal, PolicyStatement } from "aws-cdk-lib/aws-iam";
import { RetentionDays } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import { createLogGroup } from "../snapshot/log-group.ts";
import { FunctionNetwork } from "./function-network.ts";

export interface StaticEgressProps {
  /** The only table that the DynamoDB endpoint allows. */
  readonly tableArn: string;
  /** The only secrets that the Secrets Manager endpoint allows. */
  readonly secretArns: readonly string[];
  /** Default: the first zone of the region. */
  readonly availabilityZone?: string | undefined;
}

/**
 * A VPC from which all requests to the API come from one fixed IP address, for the IP allowlist of the CDP key. It uses
 * one availability zone, because a second gateway would double the cost and add an address (docs/adr/0005). The function
 * reaches DynamoDB and Secrets Manager through VPC endpoints that allow only the calls it makes.
 */
export class StaticEgress extends Construct {
  /** The public IP address of requests to the API. */
  readonly address: string;
  readonly network: FunctionNetwork;

  constructor(scope: Construct, id: string, props: StaticEgressProps) {
    super(scope, id);
    const { availabilityZone } = props;
    // Another zone is another network. The subnets and the gateway cannot be replaced in the same one: a subnet cannot have
    // the addresses of the old one, and a gateway not its Elastic IP address, while the old one exists.
    const zone = new Construct(this, availabilityZone ?? "Default");
    const eip = new CfnEIP(zone, "Address", { domain: "vpc" });
    this.address = eip.ref;
    const vpc = new Vpc(zone, "Vpc", {
      ipAddresses: IpAddresses.cidr("10.0.0.0/26"),
      ...(availabilityZone === undefined ? { maxAzs: 1 } : { availabilityZones: [availabilityZone] }),
      natGatewayProvider: NatProvider.gateway({ eipAllocationIds: [eip.attrAllocationId] }),
      subnetConfiguration: [
        { name: "Public", subnetType: SubnetType.PUBLIC, cidrMask: 28, mapPublicIpOnLaunch: false },
        { name: "Private", subnetType: SubnetType.PRIVATE_WITH_EGRESS, cidrMask: 28 },
      ],
      // Emptying the default security group, which nothing uses, would require another function.
      restrictDefaultSecurityGroup: false,
      // The cast works around CDK's types, which do not support exactOptionalPropertyTypes.
    }) as IVpc;
    const flowLogs = createLogGroup(zone, "Flows", RetentionDays.THREE_MONTHS);
    vpc.addFlowLog("Flows", { destination: FlowLogDestination.toCloudWatchLogs(flowLogs) });

    this.network = new FunctionNetwork(zone, "Function", { vpcId: vpc.vpcId, subnets: vpc.privateSubnets });
    addEndpoints(zone, vpc, this.network, props);
  }
}

function addEndpoints(scope: Construct, vpc: IVpc, network: FunctionNetwork, props: StaticEgressProps): void {
  const allow = (actions: string[], ...resources: string[]) =>
    new PolicyStatement({ principals: [new AnyPrincipal()], actions, resources });
  vpc
    .addGatewayEndpoint("DynamoDb", {
      service: GatewayVpcEndpointAwsService.DYNAMODB,
      subnets: [{ subnetType: SubnetType.PRIVATE_WITH_EGRESS }],
    })
    .addToPolicy(allow(["dynamodb:PutItem", "dynamodb:Query"], props.tableArn));

  const securityGroup = new SecurityGroup(scope, "Endpoint", {
    vpc,
    description: "Secrets Manager endpoint: inbound from the snapshot function only",
    allowAllOutbound: false,
  });
  for (const id of network.securityGroupIds)
    securityGroup.addIngressRule(Peer.securityGroupId(id), Port.HTTPS, "Snapshot function");
  vpc
    .addInterfaceEndpoint("SecretsManager", {
      service: InterfaceVpcEndpointAwsService.SECRETS_MANAGER,
      securityGroups: [securityGroup],
      open: false,
    })
    .addToPolicy(allow(["secretsmanager:GetSecretValue"], ...props.secretArns));
}
