import { type App, Stack } from "aws-cdk-lib";
import { AttributeType, Table } from "aws-cdk-lib/aws-dynamodb";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import { AwsCustomResource, AwsCustomResourcePolicy, PhysicalResourceId } from "aws-cdk-lib/custom-resources";
import { AwsSolutionsChecks } from "cdk-nag";
import { BalanceSnapshots } from "../../infra/balance-snapshots.ts";
import type { BalanceSnapshotsProps } from "../../infra/props.ts";
import { EXHAUSTIVE } from "../support/exhaustive.ts";
import { describe, expect, it } from "../support/jest.ts";
import { AGNOSTIC, CONFIGURATIONS, EVERY_OPTION } from "./configurations.ts";
import { createTestApp } from "./create-stack.ts";
import { synth } from "./synth.ts";

describe("cdk-nag", () => {
  // The second test has the same resources without a customer managed key, and with the other engine.
  it.each(EXHAUSTIVE ? CONFIGURATIONS : [["every option", EVERY_OPTION] as const])(
    "finds no unacknowledged violation of AwsSolutions with %s",
    (_, flags) => {
      expect(violationsIn(synth(flags).app)).toEqual([]);
    },
  );

  it("finds no violation of the construct in an application, beside other resources and with a table of another stack", () => {
    const without = violationsIn(createNagged().app);
    const { app, stack, table } = createNagged();
    new BalanceSnapshots(stack, "Snapshots", { ...AGNOSTIC, table } as BalanceSnapshotsProps);

    expect(without.length).toBeGreaterThan(0);
    expect(violationsIn(app)).toEqual(without);
  });
});

/** Creates an application with a table, and a handler of custom resources, which the construct then shares. */
function createNagged() {
  const app = createTestApp();
  const stack = new Stack(app, "Treasury");
  const onUpdate = { service: "sts", action: "GetCallerIdentity", physicalResourceId: PhysicalResourceId.of("id") };
  const statement = new PolicyStatement({ actions: ["sts:GetCallerIdentity"], resources: ["*"] });
  new AwsCustomResource(stack, "Other", { onUpdate, policy: AwsCustomResourcePolicy.fromStatements([statement]) });
  const table = new Table(new Stack(app, "Data"), "Table", {
    partitionKey: { name: "account", type: AttributeType.STRING },
    sortKey: { name: "slot", type: AttributeType.STRING },
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    timeToLiveAttribute: "expiresAt",
  });
  return { app, stack, table };
}

/** Run directly: as a plugin of the app it would set this process's exit code and print a report. */
function violationsIn(app: App): string[] {
  app.synth();
  const { violations } = new AwsSolutionsChecks().validateScope(app);
  return violations.flatMap(({ ruleName, violatingResources }) =>
    violatingResources.map(({ constructPath }) => `${ruleName} ${constructPath}`),
  );
}
