import { Duration, RemovalPolicy, Validations } from "aws-cdk-lib";
import { Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { type ILayerVersion, Tracing } from "aws-cdk-lib/aws-lambda";
import { NodejsFunction } from "aws-cdk-lib/aws-lambda-nodejs";
import { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import type { StaticEgress } from "../options/static-egress.ts";
import { functionCode } from "./function-code.ts";

/** Lambda keeps an asynchronous event for at most six hours: `MaximumEventAgeInSeconds`, 60 to 21600. */
const LONGEST_EVENT_AGE = Duration.hours(6);

/** What differs from one deployment to another. */
export interface SnapshotFunctionProps {
  /** What its logs and metrics are told apart by from those of another stack in the account. */
  readonly serviceName: string;
  /** Environment variables by their names in `ENV`. What is missing here is the function's default. */
  readonly environment: Readonly<Record<string, string>>;
  /** An event that is older is worthless: its slot would be refused. */
  readonly latenessLimit: Duration;
  readonly layers?: ILayerVersion[] | undefined;
  /** Where an event goes on which it failed at every attempt, or that came too late. */
  readonly deadLetterQueue: IQueue;
  /** Encrypts the logs. Default: the key that CloudWatch Logs manages. */
  readonly encryptionKey?: IKey | undefined;
  /** The network that it runs in. Default: Lambda's own, with a different address at any time. */
  readonly network?: StaticEgress | undefined;
}

/** The Lambda function that takes the snapshots. It may log, and nothing else until something is granted to it. */
export class SnapshotFunction extends Construct {
  readonly fn: NodejsFunction;
  readonly role: Role;

  constructor(scope: Construct, id: string, props: SnapshotFunctionProps) {
    super(scope, id);
    const logGroup = new LogGroup(this, "Logs", {
      retention: RetentionDays.ONE_YEAR,
      removalPolicy: RemovalPolicy.DESTROY,
      ...(props.encryptionKey && { encryptionKey: props.encryptionKey }),
    });
    // A role of its own, for the managed AWSLambdaBasicExecutionRole may write to every log group of the account.
    this.role = new Role(this, "Role", {
      assumedBy: new ServicePrincipal("lambda.amazonaws.com"),
    });
    logGroup.grantWrite(this.role);
    props.network?.grantAttach(this.role);
    Validations.of(this.role).acknowledge({
      id: "AwsSolutions-IAM5[Resource::*]",
      reason:
        "X-Ray's PutTraceSegments and PutTelemetryRecords know no resources; in the static-egress mode Lambda must be " +
        "allowed to make network interfaces, which have no ARN yet, and the function's own code is denied it",
    });

    this.fn = new NodejsFunction(this, "Function", {
      ...functionCode("lambda/snapshot/handler.ts"),
      description: "Records what the configured Coinbase accounts hold, one snapshot per account and slot",
      memorySize: 512,
      timeout: Duration.minutes(15),
      role: this.role,
      logGroup,
      tracing: Tracing.ACTIVE,
      environment: {
        POWERTOOLS_SERVICE_NAME: props.serviceName,
        ...props.environment,
      },
      layers: props.layers ?? [],
      maxEventAge:
        props.latenessLimit.toSeconds() < LONGEST_EVENT_AGE.toSeconds() ? props.latenessLimit : LONGEST_EVENT_AGE,
      retryAttempts: 2,
      deadLetterQueue: props.deadLetterQueue,
      ...(props.network && { vpc: props.network.vpc, securityGroups: [props.network.securityGroup] }),
    });
  }
}
