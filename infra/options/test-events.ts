import { Stack } from "aws-cdk-lib";
import { CfnSchema } from "aws-cdk-lib/aws-eventschemas";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { RetentionDays } from "aws-cdk-lib/aws-logs";
import { AwsCustomResource, AwsCustomResourcePolicy, PhysicalResourceId } from "aws-cdk-lib/custom-resources";
import { Construct } from "constructs";
import { createFunctionRole, createLogGroup } from "../snapshot/log-group.ts";

/** Placeholder in the test event for one account, if the configuration does not list accounts. */
const EXAMPLE_ACCOUNT = "account_00000000-0000-0000-0000-000000000000";

/**
 * The registry in which the Lambda console looks for a schema with shareable test events. Sources:
 * https://docs.aws.amazon.com/lambda/latest/dg/testing-functions.html#creating-shareable-events and
 * `samcli/lib/shared_test_events/lambda_shared_test_event.py` of https://github.com/aws/aws-sam-cli
 */
const REGISTRY = "lambda-testevent-schemas";

/**
 * The test events on the Test tab of the Lambda console. The console reads them from a schema that is named after the
 * function, in a registry that all functions of an AWS account and region share. A custom resource creates the registry
 * if it does not exist; it is not deleted with the stack, because other functions may use it.
 */
export class TestEvents extends Construct {
  /** @param accounts the configured accounts; the first one is used in an example */
  constructor(scope: Construct, id: string, fn: IFunction, accounts: "all" | readonly string[]) {
    super(scope, id);
    const [exampleAccount = EXAMPLE_ACCOUNT] = accounts === "all" ? [] : accounts;
    const schema = new CfnSchema(this, "Schema", {
      registryName: REGISTRY,
      schemaName: `_${fn.functionName}-schema`,
      type: "OpenApi3",
      description: "Test events of the snapshot function",
      content: JSON.stringify(schemaDocument(exampleAccount)),
    });
    schema.node.addDependency(this.#createRegistry());
  }

  #createRegistry(): AwsCustomResource {
    const logGroup = createLogGroup(this, "Logs", RetentionDays.ONE_MONTH);
    const role = createFunctionRole(this, logGroup);
    const registryArn = Stack.of(this).formatArn({ service: "schemas", resource: "registry", resourceName: REGISTRY });
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

/** Returns an OpenAPI document. The console reads its examples only, by the names that it shows. */
function schemaDocument(account: string): object {
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
      examples: {
        "Snapshot now": { value: {} },
        "Dry run": { value: { dryRun: true } },
        "One account": { value: { accounts: [account] } },
        // The user has to replace the time: the function refuses slots that exceed the lateness limit.
        "Redo a slot": { value: { scheduledTime: "2026-11-23T10:00:00Z" } },
      },
    },
  };
}
