import { type ILogGroup, QueryDefinition, QueryString, type QueryStringProps } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import { deploymentName } from "../config/deployment-name.ts";

/**
 * Saved queries on the function's log: CloudWatch, Logs Insights, Saved queries, in a folder with the deployment's name.
 * They use the fields that `lambda/snapshot/telemetry.ts` writes.
 */
export class SavedQueries extends Construct {
  /**
   * @param hasKeyNames whether the lines have the name of their API key
   * @param executions the log of the state machine, if there is one
   */
  constructor(scope: Construct, id: string, logGroup: ILogGroup, hasKeyNames: boolean, executions?: ILogGroup) {
    super(scope, id);
    const folder = deploymentName(this);
    const key = hasKeyNames ? ["key"] : [];
    const save = (id: string, name: string, query: QueryStringProps, searched = logGroup) =>
      new QueryDefinition(this, id, {
        queryDefinitionName: `${folder}/${name}`,
        queryString: new QueryString(query),
        logGroups: [searched],
      });

    save("FailedAccounts", "Failed accounts", {
      fields: ["@timestamp", "slot", ...key, "accountId", "error.code", "error.message"],
      filterStatements: ['message = "Account failed" or message = "Accounts not reached"'],
      sort: "@timestamp desc",
      limit: 1000,
    });
    save("SlowestAccounts", "Slowest accounts", {
      filterStatements: ["ispresent(accountId) and ispresent(durationMs)"],
      statsStatements: [
        "max(durationMs) as maxMs, avg(durationMs) as avgMs, max(pages) as maxPages, count(*) as runs by accountId",
      ],
      sort: "maxMs desc",
      limit: 100,
    });
    save("OneSlot", "Events of one slot (edit the slot)", {
      fields: [
        ...["@timestamp", "level", "message", ...key],
        ...["accountId", "outcome", "durationMs", "error.code", "error.message"],
      ],
      filterStatements: ['slot = "2026-11-23T10:00:00.000Z"'],
      sort: "@timestamp asc",
      limit: 10_000,
    });
    if (executions === undefined) return;
    // The fields of the log: https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
    const failures = {
      fields: ["@timestamp", "type", "details.name", "execution_arn", "redrive_count"],
      filterStatements: ["type like /Failed|TimedOut|Aborted/"],
      sort: "@timestamp desc",
      limit: 1000,
    };
    save("FailedExecutions", "Failed executions and steps", failures, executions);
  }
}
