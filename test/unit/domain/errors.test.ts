import { describe, expect, it } from "@jest/globals";
import { InputError, JobError, messageWithFix, StoreError, toJobError } from "../../../core/domain/errors.ts";

describe("toJobError", () => {
  it("returns a JobError unchanged", () => {
    const error = new StoreError("not_found", "The account is not there.");

    expect(toJobError(error)).toBe(error);
  });

  it("returns an internal error for any other error, with its message and the error as the cause", () => {
    const thrown = new TypeError("x is not a function");

    const result = toJobError(thrown);

    expect(result).toBeInstanceOf(JobError);
    expect(result.code).toBe("internal_error");
    expect(messageWithFix(result)).toBe(
      "Unexpected error: TypeError: x is not a function. Report this error to the project's maintainers.",
    );
    expect(result.cause).toBe(thrown);
  });

  it.each(["a text", undefined, { message: "like an error" }])(
    "returns an internal error for %j, which is not an Error",
    (thrown) => {
      const result = toJobError(thrown);

      expect(result.code).toBe("internal_error");
      expect(result.message).toContain("a value that is not an Error was thrown");
    },
  );
});

describe("JobError", () => {
  it("escapes the invisible characters of its message and its suggested fix", () => {
    const error = new StoreError(
      "item_unreadable",
      "The item\u001b[1A \u202ebtc\r is\u2028not 犬\ud83d.\nSecond line.",
      {
        suggestedFix: "Fix\u0000it.",
      },
    );

    expect(error.message).toBe("The item\\u001b[1A \\u202ebtc\\u000d is\\u2028not 犬\\ud83d.\nSecond line.");
    expect(error.suggestedFix).toBe("Fix\\u0000it.");
  });

  it("of invalid input has one line per problem", () => {
    const error = new InputError("usage", ["One.", "Two."]);

    expect(error.message).toBe("One.\nTwo.");
    expect(error.problems).toEqual(["One.", "Two."]);
  });
});
