import { describeTaskError } from "../../../core/domain/task-error.ts";
import { describe, expect, it } from "../../support/jest.ts";
import { makeEcKey } from "../../support/keys.ts";

const cause = (errorMessage: unknown) =>
  JSON.stringify({ errorType: "KeyError", errorMessage, trace: ["KeyError: x"] });
const BASE64 = "q".repeat(60);

describe("the description of a task's error", () => {
  it.each<[string, string, string | undefined, string]>([
    ["the message of a function", "KeyError", cause("The key is empty."), "KeyError: The key is empty."],
    ["a cause that is cut in the message", "KeyError", cause("The key is").slice(0, 50), "KeyError: The key is."],
    ["a cause that is cut in an escape", "E", '{"errorMessage":"The key\\u00', "E: The key."],
    ["a text of AWS", "States.Timeout", "It took 960 s", "States.Timeout: It took 960 s."],
    ["an empty cause", "Sandbox.Timedout", "", "Sandbox.Timedout."],
    ["a token", "E", cause("Bearer eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbg"), "E: Bearer [token]."],
    [
      "base64, which may be a key",
      "E",
      cause(`The key ${BASE64}== is not valid.`),
      "E: The key [redacted] is not valid.",
    ],
    ["a PEM block that is cut", "E", cause((makeEcKey().formats["SEC1 PEM"] ?? "").slice(0, 80)), "E: [redacted]."],
    ["characters that cannot be seen", "E\u001b", cause("a\u200bb"), "E\ufffd: a\ufffdb."],
  ])("shows %s", (_, name, text, expected) => {
    expect(describeTaskError({ Error: name, ...(text !== undefined && { Cause: text }) })).toBe(
      `The step's error: ${expected}`,
    );
  });

  it("is short, whatever the error quotes", () => {
    const long = describeTaskError({ Error: "E ".repeat(10_000), Cause: cause("m ".repeat(100_000)) });

    expect(long.length).toBeLessThan(1_200);
    expect(long).toMatch(/…$/);
  });
});
