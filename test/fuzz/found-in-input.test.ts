import { createPublicKey } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "@jest/globals";
import { RootConstruct } from "constructs";
import { type DateTimeContext, parseDateTime } from "../../cli/shared/date-time.ts";
import { readConfig } from "../../core/config.ts";
import { InputError, KeyError } from "../../core/domain/errors.ts";
import { slotAt } from "../../core/domain/slot.ts";
import { parseApiKey } from "../../core/key/api-key.ts";
import { ENV } from "../../core/names/environment.ts";
import { type Config, readConfig as readStack } from "../../infra/config/config.ts";
import { parseEvent } from "../../lambda/snapshot/event.ts";
import { makeEcKey } from "../support/keys.ts";
import { deep } from "./texts.ts";

// What fuzzing found in events, configurations, keys and times.

const folder = mkdtempSync(join(tmpdir(), "found-"));
afterAll(() => rmSync(folder, { recursive: true }));

function thrownBy(work: () => unknown): Error {
  try {
    work();
  } catch (thrown) {
    return thrown as Error;
  }
  throw new Error("nothing was thrown");
}

describe("found by fuzzing: an event", () => {
  const refusalOf = (event: unknown) => thrownBy(() => parseEvent(event, "all", 0));

  it.each(["scheduledTime", "dryRun", "accounts"])(
    "nested too deep for any recursion, at %s, is refused as such",
    (key) => {
      const refusal = refusalOf({ [key]: deep(20_000) });

      expect(refusal).toBeInstanceOf(InputError);
      expect(refusal.message).toMatch(new RegExp(`^The event's ${key} `));
    },
  );

  it.each([
    ["a large value", { dryRun: "x".repeat(100_000) }],
    ["a large key", { ["x".repeat(100_000)]: 1 }],
    ["thousands of wrong accounts", { accounts: Array(5_000).fill("account_1") }],
  ])("with %s is refused in a few words", (_, event) => {
    const refusal = refusalOf(event);

    expect(refusal).toBeInstanceOf(InputError);
    expect(refusal.message.length).toBeLessThan(5_000);
  });
});

describe("found by fuzzing: a configuration of the function", () => {
  const refusalOf = (file: string) => {
    const path = join(folder, "accounts.json");
    writeFileSync(path, file);
    const env = { [ENV.accountsFile]: path, [ENV.tableName]: "t", [ENV.apiKeySecretId]: "s" };
    return thrownBy(() => readConfig(env));
  };

  it("does not repeat the content of an accounts file that contains a key", () => {
    const { message } = refusalOf("MC4CAQAwBQYDK2VwBCIEIA");

    expect(message).toMatch(/^CDP_ACCOUNTS_FILE: .* could not be read: it is not JSON/);
    expect(message).not.toContain("MC4C");
  });

  it("does not repeat a large or deep value in an accounts file", () => {
    const refusals = [
      refusalOf(JSON.stringify(["x".repeat(100_000)])),
      refusalOf(`${"[".repeat(9_999)}${"]".repeat(9_999)}`),
    ];

    expect(refusals.map((refusal) => refusal instanceof InputError)).toEqual([true, true]);
    expect(refusals.filter(({ message }) => message.length > 600)).toEqual([]);
  });
});

describe("found by fuzzing: a configuration of the stack", () => {
  const read = (given: object): Config => {
    const { node } = new RootConstruct();
    node.setContext("balanceSnapshots", given);
    return readStack(node);
  };

  it("with a period of more than a year has a lateness limit that the function accepts", () => {
    const { latenessMinutes } = read({ schedule: "rate(400 days)" });
    const env = {
      [ENV.latenessLimitSeconds]: String(latenessMinutes * 60),
      [ENV.tableName]: "t",
      [ENV.apiKeySecretId]: "s",
    };

    expect(readConfig(env).latenessLimitMs).toBe(366 * 86_400_000);
    expect(thrownBy(() => read({ schedule: "rate(400 days)", latenessMinutes: 366 * 1440 + 1 })).message).toContain(
      "a year",
    );
  });

  it.each([
    ["two tags under one key", { tags: "team=finance,team=treasury" }],
    ["a tag under a key that no object keeps", { tags: "__proto__=finance,team=treasury" }],
    ["the same in cdk.json", { tags: JSON.parse('{"__proto__": "finance", "team": "treasury"}') }],
  ])("with %s is refused: one would be lost without a word", (_, given) => {
    expect(thrownBy(() => read(given)).message).toContain("  tags: given ");
  });

  it.each([
    ["long", { timezone: "x".repeat(50_000) }],
    ["long, as a key", { ["x".repeat(50_000)]: 1 }],
    ["deep", { pageSize: deep(20_000) }],
    ["of several lines", { timezone: "Europe\nZurich" }],
  ])("with something %s is refused in one short line", (_, given) => {
    const { name, message } = thrownBy(() => read(given));

    expect(name).toBe("ConfigError");
    expect(message.split("\n")).toHaveLength(2);
    expect(message.length).toBeLessThan(1_000);
  });
});

describe("found by fuzzing: a key file", () => {
  it.each(["pkcs8", "sec1"] as const)(
    "with a letter of an EC key's secret damaged (%s) is refused: it would sign wrongly",
    (type) => {
      const { privateKey } = makeEcKey();
      const other = makeEcKey();
      const der = privateKey.export({ format: "der", type });
      const point = (key: typeof privateKey) =>
        createPublicKey(key).export({ format: "der", type: "spki" }).subarray(-64);
      const mixed = Buffer.concat([der.subarray(0, -64), point(other.privateKey)]).toString("base64");
      const label = type === "sec1" ? "EC PRIVATE KEY" : "PRIVATE KEY";

      const refusal = thrownBy(() =>
        parseApiKey(
          JSON.stringify({ id: "x", privateKey: `-----BEGIN ${label}-----\n${mixed}\n-----END ${label}-----\n` }),
        ),
      );

      expect(refusal).toBeInstanceOf(KeyError);
      expect((refusal as KeyError).code).toBe("key_unreadable");
      expect(refusal.message).toContain("private and public parts do not match");
    },
  );
});

describe("found by fuzzing: a moment", () => {
  const read = (text: string, timezone: string, edge: DateTimeContext["edge"], now = "2026-11-23T10:00:00Z") =>
    slotAt(parseDateTime(text, { option: "--at", edge, timezone, now: Date.parse(now) }));

  it.each([
    ["America/Havana", "2025-11-02", "2025-11-02T04:00:00.000Z", "2025-11-03T04:59:59.999Z"],
    ["Atlantic/Azores", "2025-10-26", "2025-10-26T00:00:00.000Z", "2025-10-27T00:59:59.999Z"],
  ])(
    "in %s, whose clocks go back to midnight, %s begins at the first of its two midnights",
    (timezone, date, start, end) => {
      expect([read(date, timezone, "start"), read(date, timezone, "end")]).toEqual([start, end]);
    },
  );

  it("ends a day with its second evening in America/St_Johns, where clocks went back from 0:01 to 23:01", () => {
    expect(read("1991-10-26", "America/St_Johns", "end")).toBe("1991-10-27T03:29:59.999Z");
    expect(read("1991-10-27", "America/St_Johns", "start")).toBe("1991-10-27T02:30:00.000Z");
  });

  it("covers both occurrences of a repeated local time, in any season", () => {
    const times = ["2026-01-01T00:00:00Z", "2026-07-01T00:00:00Z"].map((now) => [
      read("2025-10-26T02:30", "Europe/Zurich", "start", now),
      read("2025-10-26T02:30", "Europe/Zurich", "end", now),
    ]);

    expect(times).toEqual(Array(2).fill(["2025-10-26T00:30:00.000Z", "2025-10-26T01:30:00.000Z"]));
    expect(read("2025-10-26T02:30+02:00", "Europe/Zurich", "end")).toBe("2025-10-26T00:30:00.000Z");
  });

  it("uses the offset of its time near a clock change", () => {
    expect(read("1981-10-25T00:00", "America/Metlakatla", "start")).toBe("1981-10-25T07:00:00.000Z");
  });

  it.each([
    ["9999", "America/New_York"],
    ["9999-12-31", "America/New_York"],
    ["9999-12-31T23:59:59Z", "UTC"],
    ["0000", "Asia/Tokyo"],
    ["-9999y", "UTC"],
  ])("as far away as %s (%s) is one that sorts among the slots", (text, timezone) => {
    for (const edge of ["start", "end"] as const) expect(read(text, timezone, edge)).toMatch(/^\d{4}-/);
    expect(slotAt(parseDateTime("9999", { option: "--to", edge: "end", timezone, now: 0 }) + 60_000)).toMatch(
      /^\d{4}-/,
    );
  });
});
