import { CfnResource, Stack } from "aws-cdk-lib";
import type { ITable } from "aws-cdk-lib/aws-dynamodb";
import { EXPIRES_AT, TABLE_KEYS } from "../../core/names/table-keys.ts";

/** What is read of `AWS::DynamoDB::Table` and `AWS::DynamoDB::GlobalTable`. */
interface TableProperties {
  readonly KeySchema?: readonly { readonly AttributeName: string; readonly KeyType: string }[];
  readonly AttributeDefinitions?: readonly { readonly AttributeName: string; readonly AttributeType: string }[];
  readonly PointInTimeRecoverySpecification?: { readonly PointInTimeRecoveryEnabled?: unknown };
  readonly TimeToLiveSpecification?: { readonly AttributeName?: string; readonly Enabled?: unknown };
  readonly Replicas?: readonly (Pick<TableProperties, "PointInTimeRecoverySpecification"> & {
    readonly Region: unknown;
  })[];
}

const EXPECTED_KEY = `the partition key ${TABLE_KEYS.partition} (S) and the sort key ${TABLE_KEYS.sort} (S)`;

/**
 * Returns what an existing table lacks, for a table that the application creates. Of an imported table CDK knows only the name.
 * @param expires whether snapshots expire
 */
export function findTableProblems(table: ITable, expires: boolean): string[] {
  const properties = propertiesOf(table);
  if (properties === undefined) return [];
  const key = describeKey(properties);
  const { TimeToLiveSpecification: timeToLive } = properties;
  const hasTimeToLive = timeToLive?.AttributeName === EXPIRES_AT && timeToLive.Enabled === true;
  return [
    ...(key === EXPECTED_KEY ? [] : [`table: given one with ${key}; expected ${EXPECTED_KEY}`]),
    ...(hasPointInTimeRecovery(table, properties)
      ? []
      : [
          "table: given one without point-in-time recovery; expected it, because lost snapshots cannot be recorded again",
        ]),
    ...(expires && !hasTimeToLive
      ? [
          `table: given one that does not expire items by ${EXPIRES_AT}; expected this time-to-live attribute for retentionDays`,
        ]
      : []),
  ];
}

/** Returns the properties as CloudFormation receives them, with the overrides of the application. */
function propertiesOf(table: ITable): TableProperties | undefined {
  const resource = table.node.defaultChild;
  if (!CfnResource.isCfnResource(resource)) return undefined;
  const internal = resource as unknown as { _toCloudFormation(): object };
  const { Resources } = Stack.of(table).resolve(internal._toCloudFormation());
  const [definition] = Object.values<{ Properties?: TableProperties }>(Resources);
  return definition?.Properties;
}

function describeKey({ KeySchema = [], AttributeDefinitions = [] }: TableProperties): string {
  const describe = (type: string) => {
    const name = KeySchema.find(({ KeyType }) => KeyType === type)?.AttributeName;
    const attribute = AttributeDefinitions.find(({ AttributeName }) => AttributeName === name);
    return name === undefined ? undefined : `${name} (${attribute?.AttributeType})`;
  };
  const sort = describe("RANGE");
  return `the partition key ${describe("HASH")} and ${sort === undefined ? "no sort key" : `the sort key ${sort}`}`;
}

/** A global table has it in each region. Only that of the stack counts. */
function hasPointInTimeRecovery(table: ITable, properties: TableProperties): boolean {
  const stack = Stack.of(table);
  const region = JSON.stringify(stack.resolve(stack.region));
  const here = properties.Replicas?.find(({ Region }) => JSON.stringify(Region) === region) ?? properties;
  return here.PointInTimeRecoverySpecification?.PointInTimeRecoveryEnabled === true;
}
