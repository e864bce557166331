import { type CheckResult, failed, passed, skipped, summarizeAccounts } from "../../../cli/doctor/check-result.ts";
import { describeKeyFormat } from "../../../cli/doctor/key.ts";
import { printResults } from "../../../cli/doctor/print.ts";
import { parseApiKey } from "../../../core/key/api-key.ts";
import { afterEach, beforeEach, describe, expect, it, jest } from "../../support/jest.ts";
import { makeEcKey, makeEd25519Key } from "../../support/keys.ts";
import { sawOutput } from "../../support/leak-watch.ts";

describe("describeKeyFormat", () => {
  const { formats: ed } = makeEd25519Key();
  const { formats: ec } = makeEcKey();
  const longName = `organizations/0a/apiKeys/${"x".repeat(120)}`;
  const withBreaks = (pem = "", breaks: string) => pem.trim().replaceAll("\n", breaks);

  it.each([
    ["id", "privateKey", ed["base64 of 64 bytes"], "Ed25519 key, base64 of 64 bytes"],
    ["keyId", "keySecret", ed["PKCS#8 PEM"], "Ed25519 key, PKCS#8 PEM"],
    ["apiKeyId", "apiKeySecret", ec["PKCS#8 PEM"], "EC P-256 key, PKCS#8 PEM"],
    [
      "id",
      "secret",
      withBreaks(ec["SEC1 PEM"], "\\n"),
      "EC P-256 key, SEC1 PEM with literal \\n instead of line breaks",
    ],
    ["id", "secret", withBreaks(ec["PKCS#8 PEM"], " "), "EC P-256 key, PKCS#8 PEM on one line"],
  ])("describes %s and %s, case %#", (idField, keyField, key, expected) => {
    const text = JSON.stringify({ [idField]: longName, [keyField]: key });
    const format = describeKeyFormat(text, parseApiKey(text));

    expect(format).toBe(`${expected}, in the JSON fields ${idField} and ${keyField}`);
    sawOutput(format);
  });

  it("describes JSON in a JSON string, after a byte order mark", () => {
    const text = `\uFEFF${JSON.stringify(makeEd25519Key().file)}\n`;

    expect(describeKeyFormat(text, parseApiKey(text))).toMatch(/, the JSON itself in a JSON string$/);
  });
});

describe("summarizeAccounts", () => {
  const makeResults = (failures: number, count: number): CheckResult[] =>
    Array.from({ length: count }, (_, index) =>
      index < failures ? failed("balances", `failure ${index}`, "Fix it.") : passed("balances", "good"),
    );

  it("returns up to 20 accounts unchanged, and of more accounts those that did not pass and a summary", () => {
    expect(summarizeAccounts(makeResults(1, 20))).toEqual(makeResults(1, 20));
    expect(summarizeAccounts(makeResults(2, 21))).toEqual([
      ...makeResults(2, 2),
      passed("balances", "19 of 21 accounts passed"),
    ]);
  });

  it("returns at most 20 accounts that did not pass, and how many more there are", () => {
    const summary = summarizeAccounts(makeResults(25, 5000));

    expect(summary.slice(0, 20)).toEqual(makeResults(20, 20));
    expect(summary.slice(20)).toMatchObject([
      { status: "failed", message: "4975 of 5000 accounts passed; 5 more did not pass and are not shown" },
    ]);
  });
});

describe("printResults", () => {
  const hostile = failed("api", "a redirect to \u001b[1A\u001b[2Kpassed", "line\nbreak");
  const results = [hostile, ...skipped(["table", "capacity"], "requires --table"), passed("stack", "deployed")];
  let output = "";
  let exitCodes: unknown[] = [];
  beforeEach(() => {
    output = "";
    exitCodes = [];
    jest.spyOn(process.stdout, "write").mockImplementation((text) => {
      output += String(text);
      exitCodes.push(process.exitCode);
      return true;
    });
  });
  afterEach(() => {
    jest.restoreAllMocks();
    process.exitCode = undefined;
  });

  async function* stream() {
    yield* results;
  }

  it("prints results as text without control characters and with the number of each status, and sets the exit code", async () => {
    await printResults(stream(), "table");

    const indent = " ".repeat("FAILED   point-in-time recovery  ".length);
    expect(output.split("\n")).toEqual([
      "FAILED   api                     a redirect to \\u001b[1A\\u001b[2Kpassed",
      `${indent}→ line\\u000abreak`,
      "skipped  table, capacity         not checked: requires --table",
      "passed   stack                   deployed",
      "",
      "1 passed, 1 failed, 2 skipped",
      "",
    ]);
    expect(process.exitCode).toBe(1);
  });

  it("breaks messages and advice between words, but never a command to copy", async () => {
    const command = `aws dynamodb update-table --table-name ${"long-name-".repeat(4)} --deletion-protection-enabled`;
    const message = "off: one call deletes the table with its history";
    async function* failures() {
      yield failed("deletion protection", message, command);
      yield failed(
        "last run",
        message,
        `See docs/runbook.md#account-failed. To list missing slots: balances gaps --x 1`,
      );
    }

    await printResults(failures(), "table");

    const indent = " ".repeat("FAILED   point-in-time recovery  ".length);
    expect(output.split("\n").slice(0, -3)).toEqual([
      "FAILED   deletion protection     off: one call deletes the table with its",
      `${indent}history`,
      `         → ${command}`,
      "FAILED   last run                off: one call deletes the table with its",
      `${indent}history`,
      `${indent}→ See docs/runbook.md#account-failed. To list`,
      `${indent}  missing slots:`,
      `${indent}  balances gaps --x 1`,
    ]);
  });

  it("prints one JSON object per result, and first sets the exit code, because a closed pipe ends the process", async () => {
    await printResults(stream(), "json");

    const rows = output.trimEnd().split("\n");
    expect(rows.map((row) => JSON.parse(row))).toEqual(results);
    expect(exitCodes).toEqual(rows.map(() => 1));
  });
});
