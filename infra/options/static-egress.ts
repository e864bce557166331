import { RemovalPolicy } from "aws-cdk-lib";
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
import type { IKey } from "aws-cdk-lib/aws-kms";
import { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";

/** What the endpoints let through. */
export interface StaticEgressProps {
  readonly tableArn: string;
  readonly secretArn: string;
  /** Encrypts the flow logs. Default: the key that CloudWatch Logs manages. */
  readonly encryptionKey?: IKey | undefined;
}

/**
 * A network from which the function reaches the API by one fixed address, which can stand on the allowlist of the
 * CDP key. In one availability zone: a second one would add nothing as long as there is one NAT gateway, whose zone
 * has to be up either way, and two gateways are two addresses and twice the cost.
 *
 * DynamoDB and Secrets Manager are reached by endpoints, each of which lets through what the function does and no more.
 * Logs, traces and dead letters need no way out: Lambda itself sends them, not the function from within the network.
 */
export class StaticEgress extends Construct {
  /** The address that the API sees. */
  readonly address: string;
  readonly vpc: IVpc;
  readonly securityGroup: SecurityGroup;

  constructor(scope: Construct, id: string, props: StaticEgressProps) {
    super(scope, id);
    // By itself, so that it stays when the gateway is replaced: the allowlist names it.
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
      // It would take a function of its own to empty the default group, which nothing here is in.
      restrictDefaultSecurityGroup: false,
      // CDK's own types do not keep apart what is undefined and what is not there.
    }) as IVpc;
    this.#logFlows(props.encryptionKey);

    this.securityGroup = new SecurityGroup(this, "Function", {
      vpc: this.vpc,
      description: "The snapshot function: out by HTTPS, in by nothing",
      allowAllOutbound: false,
    });
    // The API has no fixed addresses, and DynamoDB's endpoint is reached by public ones.
    this.securityGroup.addEgressRule(Peer.anyIpv4(), Port.HTTPS, "The CDP API, DynamoDB, Secrets Manager");
    this.#addEndpoints(props);
  }

  /**
   * Lets Lambda, and only Lambda, make the network interfaces of a function with this role; its code may not.
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
        // The key is there in every call that a function's code makes, and in none that Lambda makes for it.
        conditions: { Null: { "lambda:SourceFunctionArn": "false" } },
      }),
    );
  }

  #logFlows(encryptionKey: IKey | undefined): void {
    const logGroup = new LogGroup(this, "Flows", {
      retention: RetentionDays.THREE_MONTHS,
      removalPolicy: RemovalPolicy.DESTROY,
      ...(encryptionKey && { encryptionKey }),
    });
    this.vpc.addFlowLog("Flows", { destination: FlowLogDestination.toCloudWatchLogs(logGroup) });
  }

  #addEndpoints({ tableArn, secretArn }: StaticEgressProps): void {
    const letThrough = (actions: string[], resource: string) =>
      new PolicyStatement({ principals: [new AnyPrincipal()], actions, resources: [resource] });
    this.vpc
      .addGatewayEndpoint("DynamoDb", {
        service: GatewayVpcEndpointAwsService.DYNAMODB,
        subnets: [{ subnetType: SubnetType.PRIVATE_WITH_EGRESS }],
      })
      .addToPolicy(letThrough(["dynamodb:PutItem", "dynamodb:Query"], tableArn));

    const securityGroup = new SecurityGroup(this, "Endpoint", {
      vpc: this.vpc,
      description: "The endpoint of Secrets Manager: in from the snapshot function, out by nothing",
      allowAllOutbound: false,
    });
    securityGroup.addIngressRule(this.securityGroup, Port.HTTPS, "The snapshot function");
    this.vpc
      .addInterfaceEndpoint("SecretsManager", {
        service: InterfaceVpcEndpointAwsService.SECRETS_MANAGER,
        securityGroups: [securityGroup],
        open: false,
      })
      .addToPolicy(letThrough(["secretsmanager:GetSecretValue"], secretArn));
  }
}
