import { RemovalPolicy } from "aws-cdk-lib";
import { Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";
import { CustomerKey } from "../options/customer-key.ts";

/**
 * Creates a log group. It is deleted with the stack, and encrypted with the stack's own key if there is one.
 * @param retention days, one of the values that CloudWatch Logs accepts
 * @param logGroupName default: CloudFormation generates it
 */
export function createLogGroup(
  scope: Construct,
  id: string,
  retention: number = RetentionDays.ONE_YEAR,
  logGroupName?: string,
): LogGroup {
  const encryptionKey = CustomerKey.of(scope)?.key;
  return new LogGroup(scope, id, {
    ...(logGroupName !== undefined && { logGroupName }),
    retention,
    removalPolicy: RemovalPolicy.DESTROY,
    ...(encryptionKey && { encryptionKey }),
  });
}

/**
 * Creates the role of a function that can write to its log group and do nothing else. The managed
 * AWSLambdaBasicExecutionRole can write to every log group of the account.
 */
export function createFunctionRole(scope: Construct, logGroup: LogGroup): Role {
  const role = new Role(scope, "Role", { assumedBy: new ServicePrincipal("lambda.amazonaws.com") });
  logGroup.grantWrite(role);
  return role;
}
