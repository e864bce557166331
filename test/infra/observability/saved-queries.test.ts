import { describe, expect, it } from "@jest/globals";
import { KeyError } from "../../../core/domain/errors.ts";
import { emissionOf } from "../../support/emission.ts";
import { synth } from "../synth.ts";
import { only } from "../template.ts";

const SLOT = "2026-11-23T10:00:00.000Z";
const { template } = synth();
const queries = Object.values(template.findResources("AWS::Logs::QueryDefinition")).map(({ Properties }) => Properties);
const queryOf = (name: string): string => queries.find(({ Name }) => Name.endsWith(`/${name}`))?.QueryString ?? "";

/** A line of the log for an account that failed, and for one that did not. */
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

/** Every field that a line has, as Logs Insights names it. */
function fieldsOf(line: object, prefix = ""): string[] {
  return Object.entries(line).flatMap(([name, value]) =>
    typeof value === "object" && value !== null ? fieldsOf(value, `${prefix}${name}.`) : [`${prefix}${name}`],
  );
}

describe("the saved queries", () => {
  it("are these, in a folder of the stack, on the function's log", () => {
    expect(queries.map(({ Name }) => Name).sort()).toEqual([
      "cdp-balance-snapshots/Failed accounts",
      "cdp-balance-snapshots/Slowest accounts",
      "cdp-balance-snapshots/The story of one slot (put yours in)",
    ]);
    const logGroup = { Ref: only(template, "AWS::Logs::LogGroup", "SnapshotLogs") };
    for (const { LogGroupNames } of queries) expect(LogGroupNames).toEqual([logGroup]);
  });

  it("ask for fields that the log has", () => {
    const known = [...fieldsOf(failure ?? {}), "@timestamp"];
    const asked = queries.flatMap(({ QueryString }) => /^fields (.+)$/m.exec(QueryString)?.[1]?.split(", ") ?? []);

    expect(asked.length).toBeGreaterThan(8);
    expect(known).toEqual(expect.arrayContaining(asked));
    expect(success).toMatchObject({ accountId: "account_2", durationMs: 7, pages: 3 });
  });

  it("find failed accounts by the line that they leave", () => {
    expect(queryOf("Failed accounts")).toContain(`filter message = "${failure?.["message"]}"`);
  });

  it("find the slowest accounts by the duration in their lines", () => {
    expect(queryOf("Slowest accounts")).toContain(
      "filter ispresent(accountId) and ispresent(durationMs)\n| stats max(durationMs) as slowestMs",
    );
  });

  it("tell a slot's story in the order of time, by the slot that every such line has", () => {
    expect(queryOf("The story of one slot (put yours in)")).toMatch(
      new RegExp(`filter slot = "${SLOT}"\\n\\| sort @timestamp asc`),
    );
    for (const line of logs) expect(line).toHaveProperty("slot", SLOT);
  });
});
