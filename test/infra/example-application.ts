// The application in docs/deploy.md, so that `npm run check` checks its types. See deploy-docs.test.ts.
import { App, Stack } from "aws-cdk-lib";
import { AccountRootPrincipal, Role } from "aws-cdk-lib/aws-iam";
import { Key } from "aws-cdk-lib/aws-kms";
import { Secret } from "aws-cdk-lib/aws-secretsmanager";
import { Topic } from "aws-cdk-lib/aws-sns";
import { BalanceSnapshots } from "../../infra/index.ts";
import { newFolder } from "../support/new-folder.ts";
import { appProps } from "./create-stack.ts";

const app = new App(appProps({ "aws:cdk:bundling-stacks": [] }, newFolder()));
export const stack = new Stack(app, "Treasury");

const snapshots = new BalanceSnapshots(stack, "Snapshots", {
  schedule: "cron(0 18 ? * MON-FRI *)",
  timezone: "Europe/Berlin",
  keys: {
    emea: { secret: Secret.fromSecretNameV2(stack, "Emea", "prod/emea") },
    us: {},
  },
  encryptionKey: new Key(stack, "Key", { enableKeyRotation: true }),
  alarmTopic: new Topic(stack, "OnCall"),
});

// Finance may query the history.
snapshots.grantRead(new Role(stack, "Finance", { assumedBy: new AccountRootPrincipal() }));
