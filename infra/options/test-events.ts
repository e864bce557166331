import { Duration, Stack } from "aws-cdk-lib";
import { type IRole, PolicyStatement } from "aws-cdk-lib/aws-iam";
import { type IFunction, Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import { type ILogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import {
  AwsCustomResource,
  type AwsSdkCall,
  PhysicalResourceId,
  PhysicalResourceIdReference,
} from "aws-cdk-lib/custom-resources";
import { Construct } from "constructs";
import type { ApiKeyConfig } from "../config/api-keys.ts";
import { createFunctionRole, createLogGroup } from "../snapshot/log-group.ts";
import { acknowledgeWildcard } from "./acknowledge-wildcard.ts";

/** Placeholder in the test event for one account, if the configuration does not list accounts. */
const EXAMPLE_ACCOUNT = "account_00000000-0000-0000-0000-000000000000";

/**
 * The registry in which the Lambda console looks for a schema with shareable test events. Sources:
 * https://docs.aws.amazon.com/lambda/latest/dg/testing-functions.html#creating-shareable-events and
 * `samcli/lib/shared_test_events/lambda_shared_test_event.py` of https://github.com/aws/aws-sam-cli
 */
const REGISTRY = "lambda-testevent-schemas";

/** The keys of a deployment: the only one, without a name, or one or more named ones. */
type ApiKeys = readonly Pick<ApiKeyConfig, "name" | "accounts">[];

/**
 * Returns the test events by name. A name is a key of OpenAPI's `components`, which allows letters, digits, dots, hyphens and
 * underscores (https://spec.openapis.org/oas/v3.0.3#components-object). The console allows 25 characters.
 * @param keys the first one, and the first of its accounts, are used in examples
 */
export function testEvents([first]: ApiKeys): Readonly<Record<string, object>> {
  const { name, accounts = "all" } = first ?? {};
  const [account = EXAMPLE_ACCOUNT] = accounts === "all" ? [] : accounts;
  const key = name === undefined ? undefined : { key: name };
  return {
    "Snapshot-now": {},
    "Dry-run": { dryRun: true },
    ...(key && { "One-key": key }),
    "One-account": { ...key, accounts: [account] },
    // The user has to replace the time: the function refuses slots that exceed the lateness limit.
    "Redo-a-slot": { scheduledTime: "2026-11-23T10:00:00Z" },
  };
}

/**
 * The test events on the Test tab of the Lambda console. The console reads them from a schema that is named after the
 * function, in a registry that all functions of an AWS account and region share.
 *
 * They are a convenience and must not fail a deployment. So custom resources make the API calls and ignore every error: without
 * the registry's service or a permission, there are no test events. CDK's handler fails only if it cannot answer at all.
 *
 * - `Registry` creates the registry if it does not exist. It stays after the stack, because other functions use it.
 * - `Schema` creates the schema if it does not exist. The name of the schema is the physical ID: if the function is replaced,
 *   CloudFormation deletes the schema with the old name, and so it does with the stack.
 * - `Content` writes the events into the schema, which may have existed before.
 *
 * The physical ID has no hash of the content. With one, CloudFormation would delete the "old" schema after a change of the
 * content, which is the one that `Content` has just updated.
 */
export class TestEvents extends Construct {
  constructor(scope: Construct, id: string, fn: IFunction, keys: ApiKeys) {
    super(scope, id);
    const name = `_${fn.functionName}-schema`;
    const inRegistry = { RegistryName: REGISTRY };
    const document = JSON.stringify(schemaDocument(testEvents(keys), keys));
    const input = { ...inRegistry, SchemaName: name, Type: "OpenApi3", Content: document };
    const handler = this.#handler();
    const createResource = (id: string, physicalId: string, onUpdate: AwsSdkCall, onDelete?: AwsSdkCall) =>
      new AwsCustomResource(this, id, {
        resourceType: "Custom::TestEvents",
        // Also the call on creation, because there is no `onCreate`.
        onUpdate: { ...onUpdate, physicalResourceId: PhysicalResourceId.of(physicalId) },
        ...(onDelete && { onDelete }),
        ...handler,
        // The runtime's SDK has these calls. The latest SDK would be downloaded from npm on each deployment.
        installLatestAwsSdk: false,
        // Without an answer, CloudFormation would wait for an hour.
        serviceTimeout: Duration.minutes(10),
      });

    const registry = createResource("Registry", REGISTRY, call("CreateRegistry", inRegistry));
    const deleteSchema = call("DeleteSchema", { ...inRegistry, SchemaName: new PhysicalResourceIdReference() });
    const schema = createResource("Schema", name, call("CreateSchema", input), deleteSchema);
    const content = createResource("Content", name, call("UpdateSchema", input));
    this.#allowCalls(registry);
    // The calls wait for the function, but their permissions do not: IAM may deny what was allowed a moment ago.
    registry.node.addDependency(fn);
    schema.node.addDependency(registry);
    content.node.addDependency(schema);
  }

  /**
   * Returns the role and the log group of CDK's handler, which a stack has once for all its custom resources. If the application
   * has created it already, with another log group, CDK would add a resource that changes that group.
   */
  #handler(): { role: IRole; logGroup?: ILogGroup } {
    const id = `AWS${AwsCustomResource.PROVIDER_FUNCTION_UUID.replaceAll("-", "")}`;
    const existing = Stack.of(this).node.tryFindChild(id);
    if (existing instanceof LambdaFunction && existing.role !== undefined) return { role: existing.role };
    const logGroup = createLogGroup(this, "Logs", RetentionDays.ONE_MONTH);
    return { role: createFunctionRole(this, logGroup), logGroup };
  }

  /** Adds the permissions to the handler, whose role may be one of the application. */
  #allowCalls({ grantPrincipal }: AwsCustomResource): void {
    const stack = Stack.of(this);
    const registry = stack.formatArn({ service: "schemas", resource: "registry", resourceName: REGISTRY });
    const schemas = stack.formatArn({ service: "schemas", resource: "schema", resourceName: `${REGISTRY}/*` });
    const allow = (actions: string[], resource: string) =>
      grantPrincipal.addToPrincipalPolicy(new PolicyStatement({ actions, resources: [resource] }));
    allow(["schemas:CreateRegistry"], registry);
    allow(["schemas:CreateSchema", "schemas:DeleteSchema", "schemas:UpdateSchema"], schemas);
    const reason = "The schema is named after the function, for which the permissions must not wait";
    if (Construct.isConstruct(grantPrincipal)) acknowledgeWildcard(grantPrincipal, schemas, reason);
  }
}

const call = (action: string, parameters: object): AwsSdkCall => ({
  service: "schemas",
  action,
  parameters,
  ignoreErrorCodesMatching: ".*",
});

/** Returns an OpenAPI document. The console reads its examples only, by the names that it shows. */
function schemaDocument(events: Readonly<Record<string, object>>, keys: ApiKeys): object {
  const names = keys.flatMap(({ name }) => name ?? []);
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
            ...(names.length > 0 && { key: { type: "string", enum: names } }),
            accounts: { type: "array", items: { type: "string" } },
            dryRun: { type: "boolean" },
          },
        },
      },
      examples: Object.fromEntries(Object.entries(events).map(([name, value]) => [name, { value }])),
    },
  };
}
