import { RemovalPolicy, Stack } from "aws-cdk-lib";
import { CfnSchema } from "aws-cdk-lib/aws-eventschemas";
import { PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import { AwsCustomResource, AwsCustomResourcePolicy, PhysicalResourceId } from "aws-cdk-lib/custom-resources";
import { Construct } from "constructs";

/** Placeholder in the test event for one account, if the configuration does not list accounts. */
const EXAMPLE_ACCOUNT = "account_00000000-0000-0000-0000-000000000000";

/**
 * The registry and the schema name by which the Lambda console finds shareable test events. Sources:
 * https://docs.aws.amazon.com/lambda/latest/dg/testing-functions.html#creating-shareable-events and
 * `samcli/lib/shared_test_events/lambda_shared_test_event.py` of https://github.com/aws/aws-sam-cli
 */
const REGISTRY = "lambda-testevent-schemas";
const schemaName = (functionName: string) => `_${functionName}-schema`;

/** Properties of the test events. */
export interface TestEventsProps {
  readonly fn: IFunction;
  /** The configured accounts. The first one is used in an example. */
  readonly accounts: "all" | readonly string[];
  /** Encrypts the log of the function that creates the registry. Default: the key that CloudWatch Logs manages. */
  readonly encryptionKey?: IKey | undefined;
}

/**
 * The test events on the Test tab of the Lambda console. The console reads them from a schema that is named after the
 * function, in a registry that all functions of an AWS account and region share.
 *
 * The registry exists if anybody has saved a test event before. As a resource of the stack it would fail to deploy if
 * it exists, so a custom resource creates it and ignores the conflict. It is not deleted with the stack, because other
 * functions may use it.
 */
export class TestEvents extends Construct {
  constructor(scope: Construct, id: string, props: TestEventsProps) {
    super(scope, id);
    const { [0]: exampleAccount = EXAMPLE_ACCOUNT } = props.accounts === "all" ? [] : props.accounts;
    const schema = new CfnSchema(this, "Schema", {
      registryName: REGISTRY,
      schemaName: schemaName(props.fn.functionName),
      type: "OpenApi3",
      description: "Test events of the snapshot function",
      content: JSON.stringify(schemaDocument(testEvents(exampleAccount))),
    });
    schema.node.addDependency(this.#createRegistry(props.encryptionKey));
  }

  #createRegistry(encryptionKey: IKey | undefined): AwsCustomResource {
    const logGroup = new LogGroup(this, "Logs", {
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
      ...(encryptionKey && { encryptionKey }),
    });
    // Not the managed AWSLambdaBasicExecutionRole, which can write to every log group of the account.
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
      // The runtime's SDK supports this call. The latest SDK would be downloaded from npm on each deployment.
      installLatestAwsSdk: false,
    });
  }
}

/** Returns the events by the name that the console shows. */
function testEvents(account: string): Record<string, object> {
  return {
    "Snapshot now": {},
    "Dry run": { dryRun: true },
    "One account": { accounts: [account] },
    // The user has to replace the time: the function refuses slots that exceed the lateness limit.
    "Redo a slot": { scheduledTime: "2026-11-23T10:00:00Z" },
  };
}

/** Returns an OpenAPI document. The console reads its examples only. */
function schemaDocument(events: Record<string, object>): object {
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
