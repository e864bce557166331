/** The CDK app, run by `cdk.json`: reads the configuration and creates the stack. */
import { App } from "aws-cdk-lib";
import { ConfigError, readConfig } from "./config/config.ts";
import { BalanceSnapshotsStack } from "./stack.ts";

const app = new App();
try {
  const config = readConfig(app.node);
  new BalanceSnapshotsStack(app, config.stackName, { config });
} catch (error) {
  // An invalid configuration needs no stack trace.
  if (!(error instanceof ConfigError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
