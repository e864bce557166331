import { Aws, CfnCondition, CfnOutput, Fn } from "aws-cdk-lib";
import { Construct } from "constructs";

export interface ConsoleLinksProps {
  readonly dashboard: string;
  readonly functionName: string;
  readonly tableName: string;
  readonly secretId: string;
  /** Must not contain slashes, which would have to be encoded twice. Generated names do not. */
  readonly logGroupName: string;
}

const DEFAULT_DOMAIN = "console.aws.amazon.com";
const DOMAIN_BY_PARTITION = {
  "aws-cn": "console.amazonaws.cn",
  "aws-us-gov": "console.amazonaws-us-gov.com",
};

/** Links into the AWS console as outputs of the stack, for any region and partition. */
export class ConsoleLinks extends Construct {
  constructor(scope: Construct, id: string, props: ConsoleLinksProps) {
    super(scope, id);
    // Not a mapping, because deploying to a partition that is not in the mapping would fail.
    const domain = Object.entries(DOMAIN_BY_PARTITION).reduce((otherwise, [partition, name]) => {
      const condition = new CfnCondition(this, partition, { expression: Fn.conditionEquals(Aws.PARTITION, partition) });
      return Fn.conditionIf(condition.logicalId, name, otherwise).toString();
    }, DEFAULT_DOMAIN);
    const region = Aws.REGION;
    const link = (name: string, target: string, path: string) =>
      new CfnOutput(this, name, {
        description: `AWS console: ${target}`,
        value: `https://${region}.${domain}/${path}`,
      }).overrideLogicalId(name);

    const cloudWatch = `cloudwatch/home?region=${region}`;
    link("DashboardLink", "dashboard", `${cloudWatch}#dashboards/dashboard/${props.dashboard}`);
    link("FunctionLink", "snapshot function", `lambda/home?region=${region}#/functions/${props.functionName}`);
    link("TableLink", "snapshot table", `dynamodbv2/home?region=${region}#item-explorer?table=${props.tableName}`);
    link("SecretLink", "secret of the CDP API key", `secretsmanager/secret?name=${props.secretId}&region=${region}`);
    link("LogsLink", "log of the snapshot function", `${cloudWatch}#logsV2:log-groups/log-group/${props.logGroupName}`);
  }
}
