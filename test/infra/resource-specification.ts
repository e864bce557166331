import { loadAwsServiceSpecSync } from "@aws-cdk/aws-service-spec";

const database = loadAwsServiceSpecSync();

type Properties = ReturnType<typeof database.get<"typeDefinition">>["properties"];
type PropertyType = Properties[string]["type"];

/** Intrinsic functions. Their values are unknown before deployment, so their types cannot be checked. */
const INTRINSIC = /^(Ref|Condition|Fn::\w+)$/;

/** The attributes of every resource, independent of its type. */
const ATTRIBUTES = [
  "Type",
  "Properties",
  "DependsOn",
  "Condition",
  "Metadata",
  "DeletionPolicy",
  "UpdateReplacePolicy",
];

/**
 * Returns the violations of the CloudFormation resource specification in a template: unknown types, and properties
 * that are unknown, missing, of the wrong type, or have a value that is not allowed. CDK's own classes are generated
 * from the same specification, the package `@aws-cdk/aws-service-spec`.
 */
export function violations(template: { readonly [key: string]: unknown }): string[] {
  const resources = Object.entries(template["Resources"] as Record<string, Record<string, unknown>>);
  return resources.flatMap(([id, resource]) => {
    const type = String(resource["Type"]);
    const path = `${id} (${type})`;
    const unknownKeys = Object.keys(resource).filter((key) => !ATTRIBUTES.includes(key));
    const unknown = unknownKeys.map((key) => `${path}: unknown attribute ${key}`);
    // Custom resources define their own properties.
    if (type.startsWith("Custom::")) return unknown;
    const [found] = [...database.lookup("resource", "cloudFormationType", "equals", type)];
    if (found === undefined) return [`${path}: unknown type`, ...unknown];
    return [...unknown, ...checkObject(found.properties, resource["Properties"] ?? {}, path)];
  });
}

function checkObject(properties: Properties, value: unknown, path: string): string[] {
  if (!isObject(value)) return [`${path}: ${JSON.stringify(value)} is not an object`];
  const missing = Object.entries(properties).filter(([name, { required }]) => required === true && !(name in value));
  return [
    ...missing.map(([name]) => `${path}: ${name} is missing`),
    ...Object.entries(value).flatMap(([name, inner]) => {
      const property = properties[name];
      if (property === undefined) return [`${path}: ${name} is unknown`];
      const types = [property.type, ...(property.previousTypes ?? [])];
      return fewest(types.map((type) => checkType(type, inner, `${path}.${name}`)));
    }),
  ];
}

function checkType(type: PropertyType, value: unknown, path: string): string[] {
  if (isIntrinsic(value)) return [];
  const wrong = [`${path}: ${JSON.stringify(value)} is not a ${type.type}`];
  switch (type.type) {
    case "string":
      if (typeof value !== "string") return wrong;
      return type.allowedValues === undefined || type.allowedValues.includes(value)
        ? []
        : [`${path}: ${JSON.stringify(value)} is not one of ${type.allowedValues.join(", ")}`];
    case "date-time":
      return typeof value === "string" ? [] : wrong;
    case "number":
      return typeof value === "number" ? [] : wrong;
    case "integer":
      return Number.isInteger(value) ? [] : wrong;
    case "boolean":
      return typeof value === "boolean" ? [] : wrong;
    case "json":
      return isObject(value) || Array.isArray(value) || typeof value === "string" ? [] : wrong;
    case "tag":
      return isObject(value) && typeof value["Key"] === "string" && "Value" in value ? [] : wrong;
    case "array":
      return Array.isArray(value) ? value.flatMap((item, i) => checkType(type.element, item, `${path}[${i}]`)) : wrong;
    case "map":
      return isObject(value)
        ? Object.entries(value).flatMap(([key, item]) => checkType(type.element, item, `${path}.${key}`))
        : wrong;
    case "union":
      return fewest(type.types.map((option) => checkType(option, value, path)));
    case "ref":
      return checkObject(database.get("typeDefinition", type.reference).properties, value, path);
    default:
      return wrong;
  }
}

/** Returns the shortest list of violations among several possible types. */
function fewest(options: readonly string[][]): string[] {
  return options.reduce((least, next) => (next.length < least.length ? next : least));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isIntrinsic(value: unknown): boolean {
  if (!isObject(value)) return false;
  const [key = "", ...more] = Object.keys(value);
  return more.length === 0 && INTRINSIC.test(key);
}
