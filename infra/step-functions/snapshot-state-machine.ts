import { ArnFormat, Aws, Stack, Validations } from "aws-cdk-lib";
import { PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import type { LogGroup } from "aws-cdk-lib/aws-logs";
import { DefinitionBody, LogLevel, StateMachine, StateMachineType } from "aws-cdk-lib/aws-stepfunctions";
import { Construct } from "constructs";
import { deploymentName } from "../config/deployment-name.ts";
import { createLogGroup } from "../snapshot/log-group.ts";
import { type DefinitionProps, definition, type Substitutions } from "./definition.ts";

export interface SnapshotStateMachineProps extends DefinitionProps {
  readonly fn: IFunction;
  readonly logRetentionDays: number | undefined;
}

/**
 * The state machine that invokes the snapshot function until no account is left. CDK's state classes would allow every version
 * of the function (`fn:*`), so the definition is an object, and the role is written by hand.
 */
export class SnapshotStateMachine extends Construct {
  readonly stateMachine: StateMachine;
  readonly logGroup: LogGroup;

  constructor(scope: Construct, id: string, { fn, logRetentionDays, ...props }: SnapshotStateMachineProps) {
    super(scope, id);
    const role = this.#createRole();
    role.addToPolicy(new PolicyStatement({ actions: ["lambda:InvokeFunction"], resources: [fn.functionArn] }));
    // CDK adds the permissions that logging and tracing need:
    // https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html#cloudwatch-iam-policy
    // https://docs.aws.amazon.com/step-functions/latest/dg/concepts-xray-tracing.html
    Validations.of(role).acknowledge({
      id: "AwsSolutions-IAM5[Resource::*]",
      reason: "The actions of CloudWatch's log delivery and of X-Ray do not support resources",
    });
    // AWS recommends this prefix: the policy that allows all log deliveries of a region is limited in size.
    // https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
    const logName = `/aws/vendedlogs/states/${deploymentName(this)}`;
    this.logGroup = createLogGroup(this, "Logs", logRetentionDays, logName);
    const substitutions: Substitutions = { FunctionArn: fn.functionArn, Partition: Aws.PARTITION };
    this.stateMachine = new StateMachine(this, "StateMachine", {
      stateMachineType: StateMachineType.STANDARD,
      definitionBody: DefinitionBody.fromString(JSON.stringify(definition(props))),
      definitionSubstitutions: substitutions,
      role,
      logs: {
        destination: this.logGroup,
        level: LogLevel.ALL,
        // An event is what a person passes, so it could contain anything. The function's log says what happened.
        includeExecutionData: false,
      },
      tracingEnabled: true,
    });
  }

  /** A role that only state machines of this AWS account and region can assume. The name of this one depends on its role. */
  #createRole(): Role {
    const stack = Stack.of(this);
    const stateMachines = stack.formatArn({
      service: "states",
      resource: "stateMachine",
      resourceName: "*",
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    return new Role(this, "Role", {
      // https://docs.aws.amazon.com/step-functions/latest/dg/procedure-create-iam-role.html
      assumedBy: new ServicePrincipal("states.amazonaws.com", {
        conditions: {
          StringEquals: { "aws:SourceAccount": stack.account },
          ArnLike: { "aws:SourceArn": stateMachines },
        },
      }),
    });
  }
}
