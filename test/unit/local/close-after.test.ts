import { closeAfter, closeOnError } from "../../../local/close-after.ts";
import { expect, it } from "../../support/jest.ts";

const failing = (name: string) => async () => {
  throw new Error(name);
};

it.each([closeAfter, closeOnError])("an error of closing does not replace the first error: %p", async (run) => {
  await expect(run(failing("first"), failing("closing"))).rejects.toThrow("first");
});

it("an error of closing is thrown if the work succeeded", async () => {
  await expect(closeAfter(async () => 1, failing("closing"))).rejects.toThrow("closing");
});

it("closeOnError returns the result of the work without closing", async () => {
  expect(await closeOnError(async () => 1, failing("closing"))).toBe(1);
});
