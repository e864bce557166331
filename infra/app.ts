/** The CDK app, run by `cdk.json`: reads the configuration and creates the stack. */
import { App } from "aws-cdk-lib";
import { ConfigError } from "./config/config-error.ts";
import { readConfig } from "./config/context.ts";
import { BalanceSnapshotsStack } from "./stack.ts";

const app = new App();
try {
  new BalanceSnapshotsStack(app, readConfig(app.node));
} catch (error) {
  // An invalid configuration needs no stack trace.
  if (!(error instanceof ConfigError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
