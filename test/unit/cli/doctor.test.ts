import { afterEach, beforeEach, describe, expect, it, jest } from "@jest/globals";
import { type CheckResult, condensed, failed, ok, skipped, warning } from "../../../cli/doctor/check-result.ts";
import { keyFormat } from "../../../cli/doctor/key-format.ts";
import { type DoctorFormat, printFindings } from "../../../cli/doctor/print.ts";
import { parseApiKey } from "../../../core/key/api-key.ts";
import { makeEcKey, makeEd25519Key } from "../../support/keys.ts";
import { sawOutput } from "../../support/leak-watch.ts";

describe("keyFormat", () => {
  const ed25519 = makeEd25519Key();
  const ec = makeEcKey();
  const long = `organizations/${ed25519.id}/apiKeys/${ed25519.id}-${"x".repeat(60)}`;
  const pem = (text = "", breaks: string) => text.trim().replaceAll("\n", breaks);

  it.each([
    [
      { id: "1", privateKey: ed25519.formats["base64 of 64 bytes"] },
      "Ed25519 as base64 of 64 bytes, in JSON with id and privateKey",
    ],
    [
      { id: "1", privateKey: ed25519.formats["base64 of the seed"] },
      "Ed25519 as base64 of 32 bytes, in JSON with id and privateKey",
    ],
    [
      { keyId: "1", keySecret: ed25519.formats["PKCS#8 PEM"] },
      "Ed25519 as PKCS#8 PEM, in JSON with keyId and keySecret",
    ],
    // An id that is longer than the key is not taken for it.
    [
      { name: long, secret: ed25519.formats["base64 of the seed"] },
      "Ed25519 as base64 of 32 bytes, in JSON with name and secret",
    ],
    [{ name: "o/k", privateKey: ec.formats["SEC1 PEM"] }, "EC P-256 as SEC1 PEM, in JSON with name and privateKey"],
    [
      { apiKeyId: "1", apiKeySecret: ec.formats["PKCS#8 PEM"] },
      "EC P-256 as PKCS#8 PEM, in JSON with apiKeyId and apiKeySecret",
    ],
    [
      { id: "1", privateKey: pem(ec.formats["SEC1 PEM"], "\\n") },
      "EC P-256 as SEC1 PEM with \\n in place of line breaks, in JSON with id and privateKey",
    ],
    [
      { id: "1", privateKey: pem(ec.formats["PKCS#8 PEM"], " ") },
      "EC P-256 as PKCS#8 PEM on one line, in JSON with id and privateKey",
    ],
  ])("tells which format it is, case %#", (fields, expected) => {
    const text = JSON.stringify(fields);
    const format = keyFormat(text, parseApiKey(text));

    expect(format).toBe(expected);
    sawOutput(format);
  });

  it("tells of JSON that was pasted as a JSON string, with a byte order mark", () => {
    const text = `\uFEFF${JSON.stringify(ed25519.file)}\n`;

    const format = keyFormat(text, parseApiKey(text));

    expect(format).toBe("Ed25519 as base64 of 64 bytes, in JSON in a JSON string with id and privateKey");
  });
});

describe("condensed", () => {
  const accounts = (count: number, bad: number): CheckResult[] =>
    Array.from({ length: count }, (_, at) => ({
      ...(at % Math.floor(count / bad) === 0 && at / Math.floor(count / bad) < bad
        ? failed("account", `bad ${at}`, "mend")
        : ok("account", `fine ${at}`)),
      accountId: `account_${at}`,
    }));

  it("tells of a few accounts one by one", () => {
    const few = accounts(20, 1);

    const told = condensed(few);

    expect(told).toEqual(few);
  });

  it("tells of many accounts those that are not ok, and how many are", () => {
    const told = condensed([...accounts(21, 2), warning("account", "odd", "look")]);

    expect(told.map(({ status, found }) => [status, found])).toEqual([
      ["failed", "bad 0"],
      ["failed", "bad 10"],
      ["warning", "odd"],
      ["ok", "19 of 22 accounts are ok"],
    ]);
  });

  it("tells twenty of very many that are not, and that there are more", () => {
    const told = condensed(accounts(5000, 25));

    expect(told).toHaveLength(21);
    expect(told.at(-1)).toMatchObject({
      status: "failed",
      found: "4975 of 5000 accounts are ok; 5 more are not ok than are told here: name some with --account",
    });
  });
});

describe("printFindings", () => {
  const findings = [
    ok("stack", "it is there"),
    { ...failed("account", "HTTP 404", "Check the id."), accountId: "account_1" },
    ...skipped(["table", "capacity"], "give --table"),
    ...skipped(["schedule"], "give --stack"),
    warning("alarms", "no data", "Wait."),
  ];
  let printed = "";
  beforeEach(() => {
    printed = "";
    jest.spyOn(process.stdout, "write").mockImplementation((text) => {
      printed += String(text);
      return true;
    });
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });

  async function printAll(format: DoctorFormat) {
    return printFindings(
      (async function* () {
        yield* findings;
      })(),
      format,
    );
  }

  it("prints a line a step, the remedy below, and what is skipped for one reason on one line", async () => {
    const counts = await printAll("table");

    const indent = " ".repeat("FAILED   point-in-time recovery  ".length);
    expect(printed).toBe(
      `${[
        "ok       stack                   it is there",
        "FAILED   account                 account_1: HTTP 404",
        `${indent}→ Check the id.`,
        "skipped  table, capacity         not checked: give --table",
        "skipped  schedule                not checked: give --stack",
        "WARNING  alarms                  no data",
        `${indent}→ Wait.`,
        "",
        "1 ok, 1 warning, 1 failed, 3 skipped",
      ].join("\n")}\n`,
    );
    expect(counts).toEqual({ ok: 1, warning: 1, failed: 1, skipped: 3 });
  });

  it("shows what would steer a terminal, from whomever it is", async () => {
    const forged = failed("api", "a redirect to \u001b[1A\u001b[2Kok  api", "line\nbreak");

    await printFindings(
      (async function* () {
        yield forged;
      })(),
      "table",
    );

    expect(printed).toContain("a redirect to \\u001b[1A\\u001b[2Kok  api\n");
    expect(printed).toContain("→ line\\u000abreak\n");
  });

  it("prints JSON, one object a step", async () => {
    await printAll("json");

    const rows = printed.trimEnd().split("\n");
    expect(rows.map((row) => JSON.parse(row))).toEqual([
      { step: "stack", status: "ok", found: "it is there" },
      { step: "account", status: "failed", accountId: "account_1", found: "HTTP 404", remedy: "Check the id." },
      { step: "table", status: "skipped", found: "not checked: give --table" },
      { step: "capacity", status: "skipped", found: "not checked: give --table" },
      { step: "schedule", status: "skipped", found: "not checked: give --stack" },
      { step: "alarms", status: "warning", found: "no data", remedy: "Wait." },
    ]);
  });
});
