import { describe, expect, it } from "@jest/globals";
import { KeyError } from "../../../core/domain/errors.ts";
import { emissionOf } from "../../support/emission.ts";
import { synth } from "../synth.ts";
import { only } from "../template.ts";

const SLOT = "2026-11-23T10:00:00.000Z";
const { template } = synth();
const queries = Object.values(template.findResources("AWS::Logs::QueryDefinition")).map(({ Properties }) => Properties);
const queryOf = (name: string): string => queries.find(({ Name }) => Name.endsWith(`/${name}`))?.QueryString ?? "";

/** Log lines of a failed account, of a complete one, and of an aborted run. */
const { logs } = emissionOf((telemetry) => {
  telemetry.accountEnded(
    SLOT,
    { accountId: "account_1", outcome: "failed", error: { code: "api_timeout", message: "It failed." } },
    7,
  );
  telemetry.accountEnded(SLOT, { accountId: "account_2", outcome: "complete", pages: 3 }, 7);
  telemetry.runAborted(SLOT, new KeyError("key_empty", "It is empty."), false);
});
const [failure, success] = logs;

/** Returns the fields of a log line by their names in Logs Insights. */
function fieldsOf(line: object, prefix = ""): string[] {
  return Object.entries(line).flatMap(([name, value]) =>
    typeof value === "object" && value !== null ? fieldsOf(value, `${prefix}${name}.`) : [`${prefix}${name}`],
  );
}

describe("the saved queries", () => {
  it("are in a folder with the stack's name and use the function's log", () => {
    expect(queries.map(({ Name }) => Name).sort()).toEqual([
      "cdp-balance-snapshots/Events of one slot (edit the slot)",
      "cdp-balance-snapshots/Failed accounts",
      "cdp-balance-snapshots/Slowest accounts",
    ]);
    const logGroup = { Ref: only(template, "AWS::Logs::LogGroup", "SnapshotLogs") };
    for (const { LogGroupNames } of queries) expect(LogGroupNames).toEqual([logGroup]);
  });

  it("use fields that the log has", () => {
    const known = [...fieldsOf(failure ?? {}), "@timestamp"];
    const used = queries.flatMap(({ QueryString }) => /^fields (.+)$/m.exec(QueryString)?.[1]?.split(", ") ?? []);

    expect(used.length).toBeGreaterThan(8);
    expect(known).toEqual(expect.arrayContaining(used));
    expect(success).toMatchObject({ accountId: "account_2", durationMs: 7, pages: 3 });
  });

  it("find failed accounts by their log line", () => {
    expect(queryOf("Failed accounts")).toContain(`filter message = "${failure?.["message"]}"`);
  });

  it("find the slowest accounts by the duration in their log lines", () => {
    expect(queryOf("Slowest accounts")).toContain(
      "filter ispresent(accountId) and ispresent(durationMs)\n| stats max(durationMs) as maxMs",
    );
  });

  it("show the events of a slot in chronological order", () => {
    expect(queryOf("Events of one slot (edit the slot)")).toMatch(
      new RegExp(`filter slot = "${SLOT}"\\n\\| sort @timestamp asc`),
    );
    for (const line of logs) expect(line).toHaveProperty("slot", SLOT);
  });
});
