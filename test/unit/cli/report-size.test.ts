import { largePageNote } from "../../../cli/commands/report.ts";
import { expect, it } from "../../support/jest.ts";

it.each([
  [10_000_000, undefined],
  [
    12_345_678,
    "The page has 12.3 MB: browsers open it slowly, and it may be too large to send. For a smaller one, give a longer " +
      "--every, a shorter range or fewer accounts.",
  ],
])("a page of %d bytes has the note: %p", (bytes, note) => {
  expect(largePageNote(bytes)).toBe(note);
});
