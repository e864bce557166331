import { describe, expect, it } from "@jest/globals";
import { StoreError } from "../../../core/domain/errors.ts";
import { withFixInMessage } from "../../../lambda/invocation-error.ts";

const failingWith = (error: unknown) => () => Promise.reject(error);

describe("withFixInMessage", () => {
  it("throws a JobError with its suggested fix in the message", async () => {
    const details = { suggestedFix: "Check the name.", correlationId: "c-1" };
    const cause = new StoreError("table_unavailable", "The table could not be read.", details);

    await expect(withFixInMessage(failingWith(cause))).rejects.toMatchObject({
      name: "StoreError",
      code: "table_unavailable",
      message: "The table could not be read. Check the name.",
      correlationId: "c-1",
      cause,
    });
  });

  it("throws an error without a suggested fix unchanged", async () => {
    const thrown = new StoreError("table_unavailable", "no");

    await expect(withFixInMessage(failingWith(thrown))).rejects.toBe(thrown);
  });
});
