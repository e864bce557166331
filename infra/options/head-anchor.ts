import { Duration, RemovalPolicy, TimeZone, Validations } from "aws-cdk-lib";
import type { ITable } from "aws-cdk-lib/aws-dynamodb";
import { PolicyStatement, type Role } from "aws-cdk-lib/aws-iam";
import { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectLockRetention } from "aws-cdk-lib/aws-s3";
import { ScheduleExpression } from "aws-cdk-lib/aws-scheduler";
import { Construct } from "constructs";
import { ANCHOR_ENV, HEADS_PREFIX } from "../../core/names/anchor-environment.ts";
import { deploymentName } from "../config/deployment-name.ts";
import { functionCode } from "../snapshot/function-code.ts";
import { scheduleFunction } from "../snapshot/function-schedule.ts";
import { createFunctionRole, createLogGroup } from "../snapshot/log-group.ts";
import { acknowledgeWildcard } from "./acknowledge-wildcard.ts";

export interface HeadAnchorProps {
  readonly table: Pick<ITable, "tableArn" | "tableName">;
  /** `compliance`: nobody can delete a head. `governance`: only roles with `s3:BypassGovernanceRetention` can. */
  readonly mode: "compliance" | "governance";
  /** Heads cannot be deleted for this long. */
  readonly retention: Duration;
  /** Default: a year. */
  readonly logRetentionDays?: number | undefined;
}

/**
 * Stores the heads of all hash chains once a day in a bucket with Object Lock, out of reach of anybody who can write
 * to the table. A separate function writes them and can do nothing else. docs/verify.md explains how to use the heads.
 * Object Lock: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
 */
export class HeadAnchor extends Construct {
  readonly bucket: Bucket;
  readonly fn: LambdaFunction;
  readonly role: Role;

  constructor(scope: Construct, id: string, props: HeadAnchorProps) {
    super(scope, id);
    this.bucket = this.#createBucket(props);
    const logGroup = createLogGroup(this, "Logs", props.logRetentionDays);
    this.role = createFunctionRole(this, logGroup);
    this.role.addToPolicy(new PolicyStatement({ actions: ["dynamodb:Query"], resources: [props.table.tableArn] }));
    // Not `grantPut`, which also allows tags, legal holds and retention settings.
    const heads = this.bucket.arnForObjects(`${HEADS_PREFIX}*`);
    this.role.addToPolicy(new PolicyStatement({ actions: ["s3:PutObject"], resources: [heads] }));
    acknowledgeWildcard(this.role, heads, "The object keys are not known in advance. The bucket contains nothing else");
    this.fn = new LambdaFunction(this, "Function", {
      ...functionCode("anchor"),
      description: "Stores the heads of the hash chains in a bucket with Object Lock, once a day",
      memorySize: 256,
      timeout: Duration.minutes(5),
      role: this.role,
      logGroup,
      environment: {
        POWERTOOLS_SERVICE_NAME: deploymentName(this),
        [ANCHOR_ENV.tableName]: props.table.tableName,
        [ANCHOR_ENV.bucketName]: this.bucket.bucketName,
      },
    });
    scheduleFunction(this, {
      target: this.fn,
      schedules: [
        {
          description: "Stores the heads of the hash chains",
          // Off the hour, when few schedules run. A missed day loses nothing: a head covers all entries before it.
          expression: ScheduleExpression.cron({ minute: "41", hour: "2", timeZone: TimeZone.ETC_UTC }),
          maxEventAge: Duration.hours(6),
        },
      ],
      roleId: "ScheduleRole",
    });
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
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    Validations.of(bucket).acknowledge({
      id: "AwsSolutions-S1",
      reason: "One function writes once a day and logs it. Nothing in the bucket can be overwritten or deleted",
    });
    return bucket;
  }
}
