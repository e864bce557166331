import { Stack, Tags } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { BalanceSnapshots } from "./balance-snapshots.ts";
import type { ContextConfig, StackConfig } from "./config/context.ts";

/** A stack with one `BalanceSnapshots` and nothing else, as the app's context configures it. */
export class BalanceSnapshotsStack extends Stack {
  constructor(scope: Construct, { stack, snapshots }: ContextConfig) {
    const { kmsKeyArn } = snapshots;
    super(scope, stack.stackName, {
      description: "Timestamped balance snapshots of Coinbase accounts",
      terminationProtection: stack.terminationProtection,
      // The stack must be in the key's region, and CDK requires an explicit region for a table with its own key.
      ...(kmsKeyArn !== undefined && { env: { region: regionOf(kmsKeyArn) } }),
    });
    // CDK leaves the ID "Default" out of logical IDs.
    new BalanceSnapshots(this, "Default", snapshots);
    for (const [key, value] of Object.entries(tagsOf(stack))) Tags.of(this).add(key, value);
  }
}

/** Returns the tags of all resources, for cost allocation. Configured tags take precedence. */
function tagsOf({ stackName, stage, tags }: StackConfig): Record<string, string> {
  return { application: "cdp-balance-snapshots", stack: stackName, ...(stage !== undefined && { stage }), ...tags };
}

function regionOf(arn: string): string {
  const [, , , region = ""] = arn.split(":");
  return region;
}
