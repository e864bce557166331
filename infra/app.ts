/** The CDK app, run by `cdk.json`: configuration → stack. */
import { App } from "aws-cdk-lib";
import { ConfigError, readConfig } from "./config/config.ts";
import { BalanceSnapshotsStack } from "./stack.ts";

const app = new App();
try {
  const config = readConfig(app.node);
  new BalanceSnapshotsStack(app, config.stackName, { config });
} catch (error) {
  // A person's mistake gets a message, a mistake of the program its stack trace.
  if (!(error instanceof ConfigError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
