import { readFileSync } from "node:fs";

const cdkJson = JSON.parse(readFileSync(new URL("../../cdk.json", import.meta.url), "utf8")) as {
  context: Record<string, unknown>;
};

/** What stands in `cdk.json`, and what `-c` would add to it. */
export const contextWith = (flags: Record<string, unknown>) => ({ ...cdkJson.context, ...flags });

/** An account's id by its number. */
export const accountId = (i: number) => `account_af2937b0-9846-4fe7-bfe9-${i.toString(16).padStart(12, "0")}`;

/** Every optional part of the stack. */
export const EVERY_OPTION = {
  stage: "dev",
  tags: { team: "finance" },
  accounts: [accountId(1), accountId(2)],
  kmsKeyArn: "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
  retentionDays: 400,
  backup: "monthly",
  backupRetentionDays: 800,
  staticEgress: true,
  noticeAlarm: true,
  noticeMovedPercent: 20,
  explainedMoves: { usdc: "pays suppliers every day" },
};

/** Why there are no alarms, where there are none. */
export const NO_ALARMS = "none, because this is a throw-away stage";

/** The configurations whose templates have different resources, by what is told of each. */
export const CONFIGURATIONS: [string, Record<string, unknown>][] = [
  // First, for then CDK's validation loads its rules for all types at once.
  ["every option", EVERY_OPTION],
  ["the defaults", {}],
  ["no test events", { testEvents: "false" }],
  ["a schedule in a time zone", { schedule: "cron(0 18 ? * MON-FRI *)", timezone: "Europe/Berlin" }],
  ["an existing secret", { secretName: "prod/cdp-key" }],
  ["alarms by e-mail", { alarmEmails: "night@example.com, day@example.com" }],
  ["no alarms", { alarms: NO_ALARMS }],
  ["daily backups", { backup: "daily" }],
  ["heads that are kept", { anchor: "compliance" }],
  ["a fixed address", { staticEgress: "true" }],
];
