import { Duration, RemovalPolicy, Stack, TimeZone, Validations } from "aws-cdk-lib";
import type { TableV2 } from "aws-cdk-lib/aws-dynamodb";
import { PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { NodejsFunction } from "aws-cdk-lib/aws-lambda-nodejs";
import { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectLockRetention } from "aws-cdk-lib/aws-s3";
import { Schedule, ScheduleExpression, ScheduleGroup, TimeWindow } from "aws-cdk-lib/aws-scheduler";
import { LambdaInvoke } from "aws-cdk-lib/aws-scheduler-targets";
import { Construct } from "constructs";
import { ANCHOR_ENV, HEADS_PREFIX } from "../../core/names/anchor-environment.ts";
import { functionCode } from "../snapshot/function-code.ts";

/** Properties of the anchor. */
export interface HeadAnchorProps {
  readonly table: TableV2;
  /** `compliance`: nobody can delete a head. `governance`: only roles with `s3:BypassGovernanceRetention` can. */
  readonly mode: "compliance" | "governance";
  /** Heads cannot be deleted for this long. */
  readonly retention: Duration;
  /** Service name in the logs, which distinguishes the stacks of one AWS account. */
  readonly serviceName: string;
  /** Encrypts the logs. Default: the key that CloudWatch Logs manages. */
  readonly encryptionKey?: IKey | undefined;
}

/**
 * Stores the heads of all hash chains once a day in a bucket with Object Lock, out of reach of anybody who can write
 * to the table. A separate function writes them and can do nothing else. docs/verify.md explains how to use the heads.
 * Object Lock: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
 */
export class HeadAnchor extends Construct {
  readonly bucket: Bucket;
  readonly fn: NodejsFunction;
  readonly role: Role;

  constructor(scope: Construct, id: string, props: HeadAnchorProps) {
    super(scope, id);
    this.bucket = this.#createBucket(props);
    const logGroup = new LogGroup(this, "Logs", {
      retention: RetentionDays.ONE_YEAR,
      removalPolicy: RemovalPolicy.DESTROY,
      ...(props.encryptionKey && { encryptionKey: props.encryptionKey }),
    });
    this.role = new Role(this, "Role", { assumedBy: new ServicePrincipal("lambda.amazonaws.com") });
    logGroup.grantWrite(this.role);
    props.table.grant(this.role, "dynamodb:Query");
    // Not `grantPut`, which also allows tags, legal holds and retention settings.
    this.role.addToPolicy(
      new PolicyStatement({ actions: ["s3:PutObject"], resources: [this.bucket.arnForObjects(`${HEADS_PREFIX}*`)] }),
    );
    // cdk-nag identifies a resource by its intrinsic function in the template.
    const { "Fn::GetAtt": bucket } = Stack.of(this).resolve(this.bucket.bucketArn);
    Validations.of(this.role).acknowledge({
      id: `AwsSolutions-IAM5[Resource::<${bucket.join(".")}>/${HEADS_PREFIX}*]`,
      reason: "The object keys are not known in advance. The bucket contains nothing else",
    });
    this.fn = new NodejsFunction(this, "Function", {
      ...functionCode("lambda/anchor/handler.ts"),
      description: "Stores the heads of the hash chains in a bucket with Object Lock, once a day",
      memorySize: 256,
      timeout: Duration.minutes(5),
      role: this.role,
      logGroup,
      environment: {
        POWERTOOLS_SERVICE_NAME: props.serviceName,
        [ANCHOR_ENV.tableName]: props.table.tableName,
        [ANCHOR_ENV.bucketName]: this.bucket.bucketName,
      },
    });
    this.#scheduleDaily();
  }

  /**
   * Always encrypted with the key that S3 manages: the heads must stay readable when a customer managed key has been
   * compromised or deleted.
   */
  #createBucket({ mode, retention }: HeadAnchorProps): Bucket {
    const bucket = new Bucket(this, "Bucket", {
      objectLockEnabled: true,
      objectLockDefaultRetention:
        mode === "compliance" ? ObjectLockRetention.compliance(retention) : ObjectLockRetention.governance(retention),
      versioned: true,
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    Validations.of(bucket).acknowledge({
      id: "AwsSolutions-S1",
      reason: "One function writes once a day and logs it. Nothing in the bucket can be overwritten or deleted",
    });
    return bucket;
  }

  /** Runs off the hour, when few schedules run. A missed day loses nothing: a head covers all entries before it. */
  #scheduleDaily(): void {
    // A separate group, so that the metrics of the snapshot schedule's group do not include this schedule.
    const group = new ScheduleGroup(this, "Group", { removalPolicy: RemovalPolicy.DESTROY });
    const role = new Role(this, "ScheduleRole", {
      assumedBy: new ServicePrincipal("scheduler.amazonaws.com", {
        conditions: {
          StringEquals: { "aws:SourceAccount": Stack.of(this).account, "aws:SourceArn": group.scheduleGroupArn },
        },
      }),
    });
    role.addToPolicy(new PolicyStatement({ actions: ["lambda:InvokeFunction"], resources: [this.fn.functionArn] }));
    const schedule = new Schedule(this, "Schedule", {
      description: "Stores the heads of the hash chains",
      scheduleGroup: group,
      schedule: ScheduleExpression.cron({ minute: "41", hour: "2", timeZone: TimeZone.ETC_UTC }),
      timeWindow: TimeWindow.off(),
      target: new LambdaInvoke(this.fn, { role: role.withoutPolicyUpdates(), maxEventAge: Duration.hours(6) }),
    });
    // The schedule refers to the group by a literal name, from which CloudFormation infers no dependency.
    schedule.node.addDependency(group);
  }
}
