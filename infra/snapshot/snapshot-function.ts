import { Duration, Validations } from "aws-cdk-lib";
import type { Role } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { type ILayerVersion, Tracing } from "aws-cdk-lib/aws-lambda";
import { NodejsFunction } from "aws-cdk-lib/aws-lambda-nodejs";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import type { StaticEgress } from "../options/static-egress.ts";
import { functionCode } from "./function-code.ts";
import { createFunctionRole, createLogGroup } from "./log-group.ts";

/** Lambda retries an asynchronous event for at most six hours: `MaximumEventAgeInSeconds`, 60 to 21600. */
const MAX_EVENT_AGE_SECONDS = 6 * 3600;

export interface SnapshotFunctionProps {
  /** Service name in logs and metrics, which distinguishes the stacks of one AWS account. */
  readonly serviceName: string;
  /** Environment variables by their names in `ENV`. Absent ones have the function's defaults. */
  readonly environment: Readonly<Record<string, string>>;
  /** Lambda stops retrying an event at this age, because the function would refuse its slot. */
  readonly latenessLimit: Duration;
  readonly layers?: ILayerVersion[] | undefined;
  /** Receives events that failed at every attempt or became too old. */
  readonly deadLetterQueue: IQueue;
  /** Encrypts the logs. Default: the key that CloudWatch Logs manages. */
  readonly encryptionKey?: IKey | undefined;
  /** The network of the function. Default: Lambda's own, without a fixed IP address. */
  readonly network?: StaticEgress | undefined;
}

/** The Lambda function that takes the snapshots. Its role can write logs; everything else has to be granted. */
export class SnapshotFunction extends Construct {
  readonly fn: NodejsFunction;
  readonly role: Role;

  constructor(scope: Construct, id: string, props: SnapshotFunctionProps) {
    super(scope, id);
    const logGroup = createLogGroup(this, "Logs", props.encryptionKey);
    this.role = createFunctionRole(this, logGroup);
    props.network?.grantAttach(this.role);
    Validations.of(this.role).acknowledge({
      id: "AwsSolutions-IAM5[Resource::*]",
      reason:
        "X-Ray's PutTraceSegments and PutTelemetryRecords do not support resources. With static egress, Lambda " +
        "creates network interfaces, which have no ARN in advance; the function's own code is denied these actions",
    });

    this.fn = new NodejsFunction(this, "Function", {
      ...functionCode("lambda/snapshot/handler.ts"),
      description: "Records balances of Coinbase accounts: one snapshot per account and slot",
      memorySize: 512,
      timeout: Duration.minutes(15),
      role: this.role,
      logGroup,
      tracing: Tracing.ACTIVE,
      environment: { POWERTOOLS_SERVICE_NAME: props.serviceName, ...props.environment },
      layers: props.layers ?? [],
      maxEventAge: Duration.seconds(Math.min(props.latenessLimit.toSeconds(), MAX_EVENT_AGE_SECONDS)),
      retryAttempts: 2,
      deadLetterQueue: props.deadLetterQueue,
      ...(props.network && { vpc: props.network.vpc, securityGroups: [props.network.securityGroup] }),
    });
  }
}
