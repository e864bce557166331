import { cpSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { RunResult } from "../../core/domain/run-result.ts";
import { type CliWorld, STRANGE, startCliWorld } from "../support/cli-world.ts";
import { jsonRows } from "../support/history-cli.ts";
import { afterAll, beforeAll, describe, expect, it } from "../support/jest.ts";

let world: CliWorld;
beforeAll(async () => {
  world = await startCliWorld();
});
afterAll(() => world.close());

describe("snapshot --schedule", () => {
  const DAILY = ["--schedule", "cron(0 0 * * ? *)"];

  it("takes the latest slot once, and gaps then works without --schedule, as with the deployed function", async () => {
    const folder = world.newFolder();

    const first = await world.balances([...world.snapshotAll, ...DAILY], folder);
    const second = await world.balances([...world.snapshotAll, ...DAILY], folder);
    const gaps = await world.balances(["gaps", "--from", "-2d"], folder);
    const zoned = await world.balances(
      [...world.snapshotAll, ...DAILY, "--timezone", "Asia/Kathmandu", "--dry-run"],
      folder,
    );

    const [taken, repeated, inKathmandu] = [first, second, zoned].map(({ stdout }) => JSON.parse(stdout) as RunResult);
    const count = world.accounts.length;
    expect([first, second, zoned].map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(taken).toMatchObject({ trigger: "schedule", accounts: { complete: count, alreadyComplete: 0, failed: 0 } });
    expect(taken?.slot).toMatch(/T00:00:00\.000Z$/);
    expect(Date.now() - Date.parse(taken?.slot ?? "")).toBeLessThan(25 * 3_600_000);
    expect(repeated).toMatchObject({ slot: taken?.slot, accounts: { complete: 0, alreadyComplete: count, failed: 0 } });
    expect(second.stderr).toMatch(`: already complete for ${taken?.slot}, `);
    expect(second.stderr).toMatch(`The slot ${taken?.slot} was complete for ${count} accounts: nothing to do.\n`);
    expect(first.stderr).not.toContain("nothing to do");
    expect(gaps).toMatchObject({ code: 0, stdout: "" });
    expect(inKathmandu?.slot).toMatch(/T18:15:00\.000Z$/);
  });

  let monthsAgo = "";
  beforeAll(async () => {
    monthsAgo = world.newFolder();
    const month = ((new Date().getUTCMonth() + 6) % 12) + 1;
    const env = { SLOT_LATENESS_LIMIT_SECONDS: String(365 * 86_400) };
    await world.balances([...world.snapshotAll, "--schedule", `cron(0 0 1 ${month} ? *)`], monthsAgo, env);
  });

  /** Returns a folder with snapshots for a slot some months ago, so that the accounts count since then. */
  function startedMonthsAgo(): string {
    const folder = world.newFolder();
    cpSync(monthsAgo, folder, { recursive: true });
    return folder;
  }

  it("records a run without a usable key file under its slot, so that the gap is explained", async () => {
    const folder = startedMonthsAgo();
    writeFileSync(join(folder, "damaged.json"), world.key.file.slice(0, -20));
    const snapshot = (keyFile: string, ...more: string[]) =>
      world.balances(["snapshot", "--all", "--api", world.cdp.url, "--key-file", keyFile, ...DAILY, ...more], folder);

    const missing = await snapshot("nowhere.json");
    const [gapOfMissing] = jsonRows(await world.balances(["gaps", "--account", STRANGE], folder));
    const damaged = await snapshot("damaged.json");
    const dryRun = await snapshot("damaged.json", "--dry-run");
    const gaps = await world.balances(["gaps", "--account", STRANGE], folder);

    expect([missing.code, damaged.code, dryRun.code]).toEqual([2, 1, 1]);
    expect(gapOfMissing).toMatchObject({ attempts: 1, code: "key_file_unreadable" });
    expect(missing.stderr).toMatch(/^--key-file: cannot read nowhere\.json \(ENOENT\)\./);
    expect(damaged.stderr).toMatch(/^--key-file damaged\.json: The key is incomplete or damaged JSON/);
    expect(jsonRows(gaps)).toMatchObject([
      {
        ...{ accountId: STRANGE, trigger: "schedule", attempts: 2, code: expect.stringMatching(/^key_/) },
        slot: expect.stringMatching(/T00:00:00\.000Z$/),
        message: expect.stringMatching(/^--key-file damaged\.json: The key is incomplete/),
      },
    ]);
  });

  it("creates nothing without a usable key file if there is no table", async () => {
    const folder = world.newFolder();

    const { code } = await world.balances(["snapshot", "--all", "--key-file", "nowhere.json", ...DAILY], folder);

    expect(code).toBe(2);
    expect(readdirSync(folder)).toEqual([]);
  });

  it("ends no account if it names some", async () => {
    const folder = startedMonthsAgo();
    const args = world.snapshotAll.filter((arg) => arg !== "--all");

    const named = await world.balances([...args, "--account", STRANGE, ...DAILY], folder);
    const accounts = jsonRows(await world.balances(["accounts"], folder));

    expect(JSON.parse(named.stdout)).toMatchObject({ trigger: "schedule", accounts: { complete: 1, failed: 0 } });
    expect(JSON.parse(named.stdout)).not.toHaveProperty("ended");
    expect(accounts.map(({ state }) => state)).toEqual(world.accounts.map(() => "active"));
  });

  it("refuses a slot beyond the lateness limit, which stays an explained gap", async () => {
    const folder = startedMonthsAgo();
    const env = { SLOT_LATENESS_LIMIT_SECONDS: "1" };

    const late = await world.balances([...world.snapshotAll, ...DAILY], folder, env);
    const gaps = await world.balances(["gaps", "--account", STRANGE], folder);

    expect(late.code).toBe(1);
    expect(late.stderr).toMatch(/slot_too_late: The slot \S+T00:00:00.000Z is .* old and the lateness limit is 1 s/);
    expect(late.stderr).toMatch(/or balances snapshot without --schedule\./);
    expect(gaps.code).toBe(1);
    expect(jsonRows(gaps)).toMatchObject([{ accountId: STRANGE, code: "slot_too_late", trigger: "schedule" }]);
  });

  it.each([
    [["--schedule", "rate(1 hour)"], {}, /^--schedule: "rate\(1 hour\)" is not .*; use cron\(0 \* \* \* \? \*\)\./],
    [["--schedule", "cron(0 0 30 2 ? *)"], {}, /^--schedule: .* no day matches/],
    [["--schedule", "cron(0 0 1 1 ? 2051)"], {}, /^--schedule: cron\(0 0 1 1 \? 2051\) has no slot before 20/],
    [[...DAILY, "--timezone", "Mars"], {}, /^--timezone: "Mars" is not a valid time zone/],
    [["--timezone", "UTC"], {}, /--timezone requires --schedule/],
    [
      DAILY,
      { SLOT_LATENESS_LIMIT_SECONDS: "86401" },
      /^SLOT_LATENESS_LIMIT_SECONDS: is 86401\. Expected at most 86400/,
    ],
  ])("with %j and %j is a usage error", async (args, env, message) => {
    const { code, stdout, stderr } = await world.balances([...world.snapshotAll, ...args], world.newFolder(), env);

    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(message);
  });
});
