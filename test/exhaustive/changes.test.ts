import { readFileSync } from "node:fs";
import { withChanges } from "../../tools/docs/changes-page.ts";
import { describe, expect, it } from "../support/jest.ts";

describe("docs/changes.md", () => {
  it("is up to date; otherwise run npm run docs", () => {
    const page = readFileSync(new URL("../../docs/changes.md", import.meta.url), "utf8");

    expect(page).toBe(withChanges(page));
  });
});
