import assert from "node:assert/strict";
import type { Template } from "aws-cdk-lib/assertions";

/** Returns the value of a reference to a pseudo parameter or a resource, or of an attribute of a resource. */
type Reference = (id: string, attribute?: string) => string;

/** The conditions of a template. */
export type Conditions = Readonly<Record<string, { readonly "Fn::Equals": readonly unknown[] }>>;

const SUBSTITUTED = /\$\{([\w:]+)(?:\.(\w+))?\}/g;

/**
 * Evaluates the intrinsic functions in a value of a template, as CloudFormation does.
 * @throws Error for a function that this stack does not use
 */
export function evaluate(value: unknown, reference: Reference, conditions: Conditions = {}): unknown {
  const inner = (part: unknown): unknown => evaluate(part, reference, conditions);
  if (Array.isArray(value)) return value.map(inner);
  if (typeof value !== "object" || value === null) return value;
  const [[name = "", argument] = []] = Object.entries(value);
  if (name === "Ref") return reference(String(argument));
  if (name === "Fn::GetAtt") return reference(argument[0], argument[1]);
  if (name === "Fn::Sub") return String(argument).replace(SUBSTITUTED, (_, id, attribute) => reference(id, attribute));
  if (name === "Fn::If") {
    const [name, then, otherwise] = argument;
    const { [name]: condition } = conditions;
    assert(condition, `there is no condition ${name}`);
    const [left, right] = condition["Fn::Equals"].map(inner);
    return inner(left === right ? then : otherwise);
  }
  if (name === "Fn::GetAZs") return ["a", "b", "c"].map((zone) => `${reference("AWS::Region")}${zone}`);
  if (name === "Fn::Join") return argument[1].map(inner).join(argument[0]);
  if (name === "Fn::Split") return String(inner(argument[1])).split(argument[0]);
  if (name === "Fn::Select") return selected(inner(argument[1]), argument[0]);
  assert(!name.startsWith("Fn::"), `${name} is not supported`);
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, inner(part)]));
}

/** Returns a reference as text: the logical ID without its hash, and the attribute unless it is the ARN. */
export function referenceText(id: string, attribute = "Arn"): string {
  const name = id.replace(/[0-9A-F]{8}$/, "");
  return attribute === "Arn" ? `<${name}>` : `<${name}.${attribute}>`;
}

/** Returns a function that evaluates values of a template, with references as text. */
export function evaluatorOf(template: Template): (value: unknown) => unknown {
  const conditions = template.findConditions("*") as Conditions;
  return (value) => evaluate(value, referenceText, conditions);
}

function selected(list: unknown, index: unknown): unknown {
  assert(Array.isArray(list) && Number(index) < list.length, `${JSON.stringify(list)} has no item ${index}`);
  return list[Number(index)];
}
