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

/** What is anchored, and for how long. */
export interface HeadAnchorProps {
  readonly table: TableV2;
  /** `compliance`: nobody can delete a head. `governance`: who may bypass it can. */
  readonly mode: "compliance" | "governance";
  /** A head cannot be deleted for so long. */
  readonly retention: Duration;
  /** What its logs are told apart by from those of another stack in the account. */
  readonly serviceName: string;
  /** Encrypts the logs. Default: the key that CloudWatch Logs manages. */
  readonly encryptionKey?: IKey | undefined;
}

/**
 * Keeps the heads of all chains once a day where whoever can write to the table cannot: in a bucket under Object Lock,
 * written by a function that can do nothing else. docs/verify.md says what that is good for.
 * Object Lock: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
 */
export class HeadAnchor extends Construct {
  readonly bucket: Bucket;
  readonly fn: NodejsFunction;
  readonly role: Role;

  constructor(scope: Construct, id: string, props: HeadAnchorProps) {
    super(scope, id);
    this.bucket = this.#makeBucket(props);
    const logGroup = new LogGroup(this, "Logs", {
      retention: RetentionDays.ONE_YEAR,
      removalPolicy: RemovalPolicy.DESTROY,
      ...(props.encryptionKey && { encryptionKey: props.encryptionKey }),
    });
    this.role = new Role(this, "Role", { assumedBy: new ServicePrincipal("lambda.amazonaws.com") });
    logGroup.grantWrite(this.role);
    props.table.grant(this.role, "dynamodb:Query");
    // By hand, for `grantPut` also takes in tags, legal holds and retentions.
    this.role.addToPolicy(
      new PolicyStatement({ actions: ["s3:PutObject"], resources: [this.bucket.arnForObjects(`${HEADS_PREFIX}*`)] }),
    );
    // cdk-nag names a resource by what stands for it in the template.
    const { "Fn::GetAtt": bucket } = Stack.of(this).resolve(this.bucket.bucketArn);
    Validations.of(this.role).acknowledge({
      id: `AwsSolutions-IAM5[Resource::<${bucket.join(".")}>/${HEADS_PREFIX}*]`,
      reason: "The keys of the heads, in a bucket that holds nothing else, are made up when they are written",
    });
    this.fn = new NodejsFunction(this, "Function", {
      ...functionCode("lambda/anchor/handler.ts"),
      description: "Keeps the heads of the snapshots' chains, once a day",
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
   * Encrypted by the key that S3 manages, whatever encrypts the table: the heads are there for the day on which somebody
   * has a hand on the own one.
   */
  #makeBucket({ mode, retention }: HeadAnchorProps): Bucket {
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
      reason: "Written once a day by one function, whose log says what; nothing in it can be overwritten or deleted",
    });
    return bucket;
  }

  /** At a time at which few others' schedules are. A day that is missed is no loss: a head fixes all before it. */
  #scheduleDaily(): void {
    // A group of its own, as its metrics must not be taken for those of the snapshots' schedule.
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
      description: "Keeps the heads of the snapshots' chains",
      scheduleGroup: group,
      schedule: ScheduleExpression.cron({ minute: "41", hour: "2", timeZone: TimeZone.ETC_UTC }),
      timeWindow: TimeWindow.off(),
      target: new LambdaInvoke(this.fn, { role: role.withoutPolicyUpdates(), maxEventAge: Duration.hours(6) }),
    });
    // It names the group in plain text, which tells CloudFormation nothing of the order.
    schedule.node.addDependency(group);
  }
}
