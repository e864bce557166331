import { Aws, CfnCondition, CfnOutput, Fn } from "aws-cdk-lib";
import { Construct } from "constructs";

/** What is linked to, by name. */
export interface ConsoleLinksProps {
  readonly dashboard: string;
  readonly functionName: string;
  readonly tableName: string;
  readonly secretId: string;
  /** Without slashes, which would have to be encoded twice: CloudFormation makes none. */
  readonly logGroupName: string;
}

/** The AWS console's domain, in the partitions where it is another than the usual one. */
const DOMAIN = "console.aws.amazon.com";
const OTHER_DOMAINS = {
  "aws-cn": "console.amazonaws.cn",
  "aws-us-gov": "console.amazonaws-us-gov.com",
};

/** Links into the AWS console, as outputs of the stack, for whichever region and partition it is deployed to. */
export class ConsoleLinks extends Construct {
  constructor(scope: Construct, id: string, props: ConsoleLinksProps) {
    super(scope, id);
    // Not by a mapping, which would fail the deployment to a partition that it does not know.
    const domain = Object.entries(OTHER_DOMAINS).reduce((otherwise, [partition, name]) => {
      const condition = new CfnCondition(this, partition, { expression: Fn.conditionEquals(Aws.PARTITION, partition) });
      return Fn.conditionIf(condition.logicalId, name, otherwise).toString();
    }, DOMAIN);
    const region = Aws.REGION;
    const link = (name: string, what: string, path: string) =>
      new CfnOutput(this, name, {
        description: `AWS console: ${what}`,
        value: `https://${region}.${domain}/${path}`,
      }).overrideLogicalId(name);

    const cloudWatch = `cloudwatch/home?region=${region}`;
    link("DashboardLink", "the dashboard", `${cloudWatch}#dashboards/dashboard/${props.dashboard}`);
    link("FunctionLink", "the function", `lambda/home?region=${region}#/functions/${props.functionName}`);
    link(
      "TableLink",
      "the table of snapshots",
      `dynamodbv2/home?region=${region}#item-explorer?table=${props.tableName}`,
    );
    link(
      "SecretLink",
      "the secret of the CDP API key",
      `secretsmanager/secret?name=${props.secretId}&region=${region}`,
    );
    link("LogsLink", "the function's log", `${cloudWatch}#logsV2:log-groups/log-group/${props.logGroupName}`);
  }
}
