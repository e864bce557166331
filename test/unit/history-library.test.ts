import { readFileSync } from "node:fs";
import { expect, it } from "../support/jest.ts";

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

it("docs/history.md has the example of the library, which the test of the package runs", () => {
  const [, documented = ""] = /@example\n([\s\S]*?)\n \*\//.exec(read("core/history-library.ts")) ?? [];
  const [, shown = ""] = /^## In a program$[\s\S]*?```js\n([\s\S]*?)\n```/m.exec(read("docs/history.md")) ?? [];

  expect(shown).toBe(documented.replaceAll(/^ \* ?/gm, "").replace(": string[]", ""));
});
