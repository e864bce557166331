import type { Template } from "aws-cdk-lib/assertions";
import type { definition } from "../../infra/step-functions/definition.ts";
import { propertiesOf } from "./template.ts";

/** The ARN of the function in a deployed definition. */
export const FUNCTION_ARN = "arn:aws:lambda:eu-west-1:123456789012:function:snapshots";

const VALUES: Readonly<Record<string, string>> = { FunctionArn: FUNCTION_ARN, Partition: "aws" };

/** Returns the definition of the stack's state machine, with its substitutions replaced, as CloudFormation does. */
export function deployedDefinition(template: Template): ReturnType<typeof definition> {
  const { DefinitionString, DefinitionSubstitutions } = propertiesOf(template, "AWS::StepFunctions::StateMachine");
  const text = String(DefinitionString).replace(/\$\{(\w+)\}/g, (_, name) => {
    const value = name in DefinitionSubstitutions ? VALUES[name] : undefined;
    if (value === undefined) throw new Error(`The definition has an unknown substitution: ${name}`);
    return value;
  });
  return JSON.parse(text);
}
