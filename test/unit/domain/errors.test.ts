import { describe, expect, it } from "@jest/globals";
import { ApiError, InputError, JobError, StoreError, toJobError } from "../../../core/domain/errors.ts";

describe("toJobError", () => {
  it("gives an error of ours back as it is", () => {
    const error = new ApiError("not_found", 404, "The account is not there.", { correlationId: "c-1" });

    const result = toJobError(error);

    expect(result).toBe(error);
  });

  it("makes an internal error of what is none of ours, which says what it was and keeps it as the cause", () => {
    const thrown = new TypeError("x is not a function");

    const result = toJobError(thrown);

    expect(result).toBeInstanceOf(JobError);
    expect(result.code).toBe("internal_error");
    expect(result.message).toBe("Unexpected: TypeError: x is not a function. Please report this.");
    expect(result.cause).toBe(thrown);
  });

  it.each(["a text", 7, null, undefined, { message: "like an error" }])("takes %j, which is no error", (thrown) => {
    const result = toJobError(thrown);

    expect(result.code).toBe("internal_error");
    expect(result.message).toContain("a value that is no error was thrown");
  });
});

describe("the errors", () => {
  it("are named by their class, and carry the correlation id and the cause", () => {
    const cause = new Error("below");

    const error = new StoreError("table_unavailable", "no", { correlationId: "c-2", cause });

    expect(error).toBeInstanceOf(JobError);
    expect(error).toMatchObject({ name: "StoreError", code: "table_unavailable", correlationId: "c-2", cause });
  });

  it("have messages whose every character can be seen, and which forge no other", () => {
    const error = new StoreError("item_unreadable", "The item\u001b[1A \u202ebtc\r is\u2028not.\nSecond line.");

    expect(error.message).toBe("The item\\u001b[1A \\u202ebtc\\u000d is\\u2028not.\nSecond line.");
  });

  it("of wrong input have every problem on a line of the message", () => {
    const error = new InputError("usage", ["One.", "Two."]);

    expect(error.message).toBe("One.\nTwo.");
    expect(error.problems).toEqual(["One.", "Two."]);
  });
});
