import { afterEach, beforeEach, describe, expect, it, jest } from "@jest/globals";
import {
  type CheckResult,
  failed,
  passed,
  skipped,
  summarizeAccounts,
  warning,
} from "../../../cli/doctor/check-result.ts";
import { describeKeyFormat } from "../../../cli/doctor/key-format.ts";
import { type DoctorFormat, printResults } from "../../../cli/doctor/print.ts";
import { parseApiKey } from "../../../core/key/api-key.ts";
import { makeEcKey, makeEd25519Key } from "../../support/keys.ts";
import { sawOutput } from "../../support/leak-watch.ts";

describe("describeKeyFormat", () => {
  const { formats: ed } = makeEd25519Key();
  const { formats: ec } = makeEcKey();
  const longName = `organizations/0a/apiKeys/${"x".repeat(120)}`;
  const withBreaks = (pem = "", breaks: string) => pem.trim().replaceAll("\n", breaks);

  it.each([
    ["id", "privateKey", ed["base64 of 64 bytes"], "Ed25519 key, base64 of 64 bytes"],
    ["id", "privateKey", ed["base64 of the seed"], "Ed25519 key, base64 of 32 bytes"],
    ["keyId", "keySecret", ed["PKCS#8 PEM"], "Ed25519 key, PKCS#8 PEM"],
    ["name", "privateKey", ec["SEC1 PEM"], "EC P-256 key, SEC1 PEM"],
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

  it("returns up to 20 accounts unchanged", () => {
    expect(summarizeAccounts(makeResults(1, 20))).toEqual(makeResults(1, 20));
  });

  it("returns those of more accounts that did not pass, and a summary", () => {
    const odd = warning("balances", "odd", "Look.");

    expect(summarizeAccounts([...makeResults(2, 21), odd])).toEqual([
      ...makeResults(2, 2),
      odd,
      passed("balances", "19 of 22 accounts passed"),
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
  const results = [
    passed("stack", "deployed"),
    { ...failed("balances", "HTTP 404", "Check the id."), accountId: "account_1" },
    ...skipped(["table", "capacity"], "requires --table"),
    ...skipped(["schedule"], "requires --stack"),
    warning("alarms", "no data", "Wait."),
  ];
  let output = "";
  beforeEach(() => {
    output = "";
    jest.spyOn(process.stdout, "write").mockImplementation((text) => {
      output += String(text);
      return true;
    });
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });

  async function* stream(of: readonly CheckResult[]) {
    yield* of;
  }
  const print = (of: readonly CheckResult[], format: DoctorFormat) => printResults(stream(of), format);

  it("prints a line per result, suggested fixes below, and checks skipped for one reason together", async () => {
    const counts = await print(results, "table");

    const indent = " ".repeat("FAILED   point-in-time recovery  ".length);
    expect(output.split("\n")).toEqual([
      "passed   stack                   deployed",
      "FAILED   balances                account_1: HTTP 404",
      `${indent}→ Check the id.`,
      "skipped  table, capacity         not checked: requires --table",
      "skipped  schedule                not checked: requires --stack",
      "WARNING  alarms                  no data",
      `${indent}→ Wait.`,
      "",
      "1 passed, 1 warning, 1 failed, 3 skipped",
      "",
    ]);
    expect(counts).toEqual({ passed: 1, warning: 1, failed: 1, skipped: 3 });
  });

  it("escapes control characters in messages and suggested fixes", async () => {
    await print([failed("api", "a redirect to \u001b[1A\u001b[2Kpassed", "line\nbreak")], "table");

    expect(output).toContain("a redirect to \\u001b[1A\\u001b[2Kpassed\n");
    expect(output).toContain("→ line\\u000abreak\n");
  });

  it("prints one JSON object per result", async () => {
    await print(results, "json");

    const rows = output.trimEnd().split("\n");
    expect(rows.map((row) => JSON.parse(row))).toEqual(results);
    expect(JSON.parse(rows[1] ?? "")).toEqual({
      check: "balances",
      status: "failed",
      accountId: "account_1",
      message: "HTTP 404",
      suggestedFix: "Check the id.",
    });
  });
});
