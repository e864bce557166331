import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type FactsWorld, startFactsWorld } from "../support/facts-world.ts";
import { jsonRows } from "../support/history-cli.ts";
import { type Facts, HOUR, MINUTE, makeFacts } from "../support/history-facts.ts";
import { instant, lastCompletedIn } from "../support/history-naive.ts";
import { afterAll, beforeAll, describe, expect, it } from "../support/jest.ts";

// The commands that read the history, on small ones: too young for the defaults, without a schedule, or with failures only.

const FROM = Date.parse("2026-11-01T00:00:00Z");

/** A history that is too young for the defaults, or has no schedule. */
let example: FactsWorld;

function useExample(facts: Facts, now: number): void {
  beforeAll(async () => {
    example = await startFactsWorld(facts, now);
  });
  afterAll(() => example.close());
}

describe("a minute after the first slot", () => {
  const UP_TO =
    "Slots without a record count as gaps up to 2026-10-31T23:46:00.000Z. The run of a later slot may be in progress.\n";
  const facts = makeFacts({ seed: 1, from: FROM, hours: 1, assets: [2], kind: "typical" });
  useExample(facts, FROM + MINUTE);

  it.each([
    { command: ["accounts"], rows: 1, notice: "" },
    { command: ["history", "--asset", "btc", "--every", "1d"], rows: 1, notice: "" },
    { command: ["totals"], rows: 1, notice: "" },
    { command: ["gaps"], rows: 0, notice: UP_TO },
  ])("$command.0 shows the first snapshot and no gap", async ({ command, rows, notice }) => {
    const ended = await example.balances(...command);

    expect({ code: ended.code, stderr: ended.stderr }).toEqual({ code: 0, stderr: notice });
    expect(jsonRows(ended)).toHaveLength(rows);
    expect(ended.stdout).not.toMatch(/"gap"|"total":null/);
  });

  it("report ends with an open step, which is now", async () => {
    const out = join(example.home, "report.html");

    const { code } = await example.balances("report", "--out", out, "--from", "2026-11-01", "--every", "1h");

    const page = readFileSync(out, "utf8");
    const steps = [FROM, FROM + MINUTE].map(instant);
    expect([code, /"steps":[^\]]*\],"open":true/.exec(page)?.[0]]).toEqual([
      ...[0, `"steps":${JSON.stringify(steps)},"open":true`],
    ]);
  });

  it.each([
    ["1w", "2026-W44"],
    ["6h", instant(FROM + MINUTE)],
  ])(
    "totals and history --every %s show that %s is open, in every format, up to now if the range ends later",
    async (every, step) => {
      const shown = await Promise.all(
        [["totals"], ["history", "--asset", "btc"]].flatMap((command) =>
          ["--format json", "--format csv", "--wide"].map((format) =>
            example.balances(...command, "--every", every, "--to", "2026-12", ...format.split(" ")),
          ),
        ),
      );

      for (const [at, { code, stdout }] of shown.entries()) {
        const inTable = step.replace(".000Z", "Z");
        const start = [`{"step":"${step}","open":true,`, `${step},open,`, `${inTable}  open  `][at % 3] ?? "";
        expect([code, stdout.trimEnd().split("\n").at(-1)?.slice(0, start.length)]).toEqual([0, start]);
      }
    },
  );

  it("chart starts at the first record", async () => {
    const { stdout } = await example.balances("chart");

    expect(stdout).toContain("2026-11-01T00:00:00.000Z to 2026-11-01T00:01:00.000Z");
  });
});

describe("a failed attempt with a suggested fix", () => {
  const facts = makeFacts({ seed: 1, from: FROM, hours: 1, assets: [2], kind: "typical" });
  useExample(facts, FROM + 2 * HOUR);

  it.each([
    { end: FROM + 90 * MINUTE, name: "an open step whose snapshot may still come", code: 0 },
    { end: FROM + 2 * HOUR, name: "a complete step without a snapshot", code: 1 },
  ])("totals ends with $code for $name", async ({ end, code }) => {
    const ended = await example.balances(
      "totals",
      "--every",
      "1h",
      "--from",
      instant(FROM + HOUR),
      "--to",
      instant(end),
    );

    expect(ended).toMatchObject({ code, stderr: "" });
    expect(jsonRows(ended)).toMatchObject([
      { step: instant(FROM + HOUR), open: false, partial: false },
      { step: instant(end), open: code === 0, partial: true, total: null },
    ]);
  });

  it("report leaves out an open step whose snapshot may still come, and ends with the newest snapshot", async () => {
    const out = join(example.home, "report.html");
    const range = ["--from", instant(FROM + HOUR), "--to", instant(FROM + 90 * MINUTE)];

    await example.balances("report", "--out", out, "--every", "1h", ...range);

    const page = readFileSync(out, "utf8");
    expect(page).toContain(`"steps":["${instant(FROM + HOUR)}"],"accounts":[{`);
  });

  it("is listed by gaps with its message and the fix", async () => {
    const accountId = facts.accounts[0]?.accountId ?? "";
    const slot = instant(FROM + HOUR);
    const attempt = { code: "api_forbidden", message: "HTTP 403.", suggestedFix: "Give the key the permission." };
    await example.newStore().recordFailure({
      ...{ accountId, slot, trigger: "schedule", attempts: 1, lastTriedAt: slot },
      ...attempt,
    });

    const ended = await example.balances("gaps");

    expect(jsonRows(ended)).toMatchObject([{ slot, message: "HTTP 403. Give the key the permission." }]);
  });
});

describe("a first snapshot that was completed before its slot, because the function's clock was behind", () => {
  const facts = makeFacts({ seed: 1, from: FROM, hours: 2, assets: [2], kind: "typical" });
  const early = { capturedAt: FROM - 31_000, completedAt: FROM - 30_000 };
  const accounts = facts.accounts.map((account) => ({
    ...account,
    records: account.records.map((record) => (record.slot === FROM ? { ...record, ...early } : record)),
  }));
  useExample({ ...facts, accounts }, FROM + 2 * HOUR);

  it.each([
    ["export", "--format", "json"],
    ["history", "--asset", "btc"],
  ])("%s shows it by default", async (...command) => {
    const shown = jsonRows(await example.balances(...command)).flatMap(({ slot }) => slot ?? []);

    expect([...new Set(shown)]).toEqual([FROM, FROM + HOUR].map(instant));
  });
});

describe("manual runs every three hours, without a schedule", () => {
  const hourly = makeFacts({ seed: 1, from: FROM, hours: 96, assets: [2], kind: "typical" });
  const accounts = hourly.accounts.map((account) => ({
    ...account,
    records: account.records.filter(({ slot }) => (slot - FROM) % (3 * HOUR) === 0),
  }));
  useExample({ ...hourly, accounts, schedules: [] }, FROM + 96 * HOUR);

  it("report has a step for each snapshot, and no gaps", async () => {
    const out = join(example.home, "report.html");

    await example.balances("report", "--out", out);

    const page = readFileSync(out, "utf8");
    const steps = Array.from({ length: 32 }, (_, at) => instant(FROM + 3 * HOUR * (at + 1)));
    expect(page).toContain(`"steps":${JSON.stringify(steps)}`);
    expect(/"snapshots":\[[^\]]*null/.test(page)).toBe(false);
    // Nobody knows whether one is missing.
    expect(page).toContain('"scheduled":false');
  });

  it("chart draws a column per step, with marks for steps without a snapshot", async () => {
    const to = FROM + 80 * HOUR;

    const { stdout } = await example.balances("chart", "--asset", "btc", "--from", instant(FROM), "--to", instant(to));

    // The step of the start of the range, and one every three hours, which is the time between snapshots.
    const amounts = Array.from({ length: 28 }, (_, at) => {
      const end = Math.min(FROM + at * 3 * HOUR, to);
      const fact = lastCompletedIn(accounts[0]?.records ?? [], FROM + (at - 1) * 3 * HOUR, end);
      return fact?.holdings.get("btc")?.total;
    });
    const known = amounts.filter((amount) => amount !== undefined);
    const lines = stdout.split("\n");
    const [axis = "", marks = ""] = lines.slice(-5);
    expect(lines.slice(0, 2)).toEqual([
      `${accounts[0]?.accountId}: btc,`,
      `${instant(FROM)} to ${instant(to)}, one column every 3h`,
    ]);
    expect(lines.at(-3)).toContain(`first ${known[0]}, last ${known.at(-1)};`);
    expect(amounts.map((_, at) => marks[axis.indexOf("└") + 1 + at] === "·")).toEqual(
      amounts.map((amount) => amount === undefined),
    );
    expect(stdout.split("●")).toHaveLength(known.length + 1);
  });

  it("gaps asks for a schedule", async () => {
    const { code, stderr } = await example.balances("gaps");

    expect([code, stderr]).toEqual([2, expect.stringContaining("--schedule 'cron(0 * * * ? *)'")]);
  });
});
