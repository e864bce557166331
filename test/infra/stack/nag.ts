import { expect, it } from "@jest/globals";
import { AwsSolutionsChecks } from "cdk-nag";
import { EVERY_OPTION } from "../configurations.ts";
import { synth } from "../synth.ts";

// By itself, not as a plugin of the app: that would end in this process's exit code and a report on the console.
it.each([
  ["the defaults", {}],
  ["every option", EVERY_OPTION],
])("cdk-nag's AwsSolutions finds nothing that is not explained with %s", (_, flags) => {
  const { app } = synth(flags);

  const { violations } = new AwsSolutionsChecks().validateScope(app);

  expect(
    violations.map(({ ruleName, violatingResources }) => [
      ruleName,
      ...violatingResources.map(({ constructPath }) => constructPath),
    ]),
  ).toEqual([]);
});
