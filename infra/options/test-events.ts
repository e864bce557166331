import { RemovalPolicy, Stack } from "aws-cdk-lib";
import { CfnSchema } from "aws-cdk-lib/aws-eventschemas";
import { PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import { AwsCustomResource, AwsCustomResourcePolicy, PhysicalResourceId } from "aws-cdk-lib/custom-resources";
import { Construct } from "constructs";

/**
 * Where the Lambda console looks for shareable test events, and under which name. Sources:
 * https://docs.aws.amazon.com/lambda/latest/dg/testing-functions.html#creating-shareable-events and
 * `samcli/lib/shared_test_events/lambda_shared_test_event.py` of https://github.com/aws/aws-sam-cli
 */
const REGISTRY = "lambda-testevent-schemas";
const schemaOf = (functionName: string) => `_${functionName}-schema`;

/** For whom the events are. */
export interface TestEventsProps {
  readonly fn: IFunction;
  /** An account that the function may be asked for; a placeholder where nobody knows one yet. */
  readonly exampleAccount: string;
  /** Encrypts the log of what makes the registry. Default: the key that CloudWatch Logs manages. */
  readonly encryptionKey?: IKey | undefined;
}

/**
 * The events of the console's Test tab. They are the examples in a schema that is named after the function, in a
 * registry that every function of the account and region shares.
 *
 * That registry is there or not: whoever first saved an event made it. A template that makes it fails where it is, and
 * one that does not fails where it is not. So a call on deployment makes it and is content if it is there; it stays
 * when the stack goes, for others may use it by then.
 */
export class TestEvents extends Construct {
  constructor(scope: Construct, id: string, props: TestEventsProps) {
    super(scope, id);
    const schema = new CfnSchema(this, "Schema", {
      registryName: REGISTRY,
      schemaName: schemaOf(props.fn.functionName),
      type: "OpenApi3",
      description: "Shareable test events of the snapshot function",
      content: JSON.stringify(document(testEvents(props.exampleAccount))),
    });
    schema.node.addDependency(this.#makeRegistry(props.encryptionKey));
  }

  #makeRegistry(encryptionKey: IKey | undefined): AwsCustomResource {
    const logGroup = new LogGroup(this, "Logs", {
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
      ...(encryptionKey && { encryptionKey }),
    });
    // A role of its own, for the managed AWSLambdaBasicExecutionRole may write to every log group of the account.
    const role = new Role(this, "Role", { assumedBy: new ServicePrincipal("lambda.amazonaws.com") });
    logGroup.grantWrite(role);
    const registryArn = Stack.of(this).formatArn({
      service: "schemas",
      resource: "registry",
      resourceName: REGISTRY,
    });
    return new AwsCustomResource(this, "Registry", {
      onUpdate: {
        service: "schemas",
        action: "CreateRegistry",
        parameters: { RegistryName: REGISTRY },
        physicalResourceId: PhysicalResourceId.of(REGISTRY),
        ignoreErrorCodesMatching: "ConflictException",
      },
      policy: AwsCustomResourcePolicy.fromStatements([
        new PolicyStatement({ actions: ["schemas:CreateRegistry"], resources: [registryArn] }),
      ]),
      role,
      logGroup,
      // The SDK of the runtime knows this call; the newest would be fetched from npm at each deployment.
      installLatestAwsSdk: false,
    });
  }
}

/** What is offered, by the name under which the console lists it. */
function testEvents(account: string): Record<string, object> {
  return {
    "Snapshot now": {},
    "Dry run": { dryRun: true },
    "One account": { accounts: [account] },
    // A time to be overwritten: a slot that is older than the lateness limit is refused, and the error says so.
    "Redo a slot": { scheduledTime: "2026-11-23T10:00:00Z" },
  };
}

/** The schema describes what the function takes; the console reads the examples. */
function document(events: Record<string, object>): object {
  return {
    openapi: "3.0.0",
    info: { version: "1.0.0", title: "Event" },
    paths: {},
    components: {
      schemas: {
        Event: {
          type: "object",
          properties: {
            scheduledTime: { type: "string", format: "date-time" },
            accounts: { type: "array", items: { type: "string" } },
            dryRun: { type: "boolean" },
          },
        },
      },
      examples: Object.fromEntries(Object.entries(events).map(([name, value]) => [name, { value }])),
    },
  };
}
