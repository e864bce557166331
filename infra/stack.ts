import { Stack, Tags } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { BalanceSnapshots } from "./balance-snapshots.ts";
import type { ContextConfig, StackConfig } from "./config/context.ts";

/** A stack with one `BalanceSnapshots` and nothing else, as the app's context configures it. */
export class BalanceSnapshotsStack extends Stack {
  constructor(scope: Construct, { stack, region, snapshots }: ContextConfig) {
    super(scope, stack.stackName, {
      description: "Timestamped balance snapshots of Coinbase accounts",
      terminationProtection: stack.terminationProtection,
      // The stack must be in the region of the resources that it uses.
      ...(region !== undefined && { env: { region } }),
    });
    // CDK leaves the ID "Default" out of logical IDs.
    new BalanceSnapshots(this, "Default", snapshots);
    for (const [key, value] of Object.entries(tagsOf(stack))) Tags.of(this).add(key, value);
  }
}

/** Returns the tags of all resources, for cost allocation. Configured tags take precedence, whatever the case of their keys. */
function tagsOf({ stackName, stage, tags = {} }: StackConfig): Record<string, string> {
  const configured = new Set(Object.keys(tags).map((key) => key.toLowerCase()));
  const own = { application: "cdp-balance-snapshots", stack: stackName, ...(stage !== undefined && { stage }) };
  return { ...Object.fromEntries(Object.entries(own).filter(([key]) => !configured.has(key))), ...tags };
}
