import { type FactsWorld, startFactsWorld } from "../support/facts-world.ts";
import { jsonRows } from "../support/history-cli.ts";
import { accountIdOf, HOUR, MINUTE, makeFacts } from "../support/history-facts.ts";
import { instant } from "../support/history-naive.ts";
import { afterAll, beforeAll, describe, expect, it } from "../support/jest.ts";

// The commands that read the history, on accounts that are pending or retired.

const FROM = Date.parse("2026-11-01T00:00:00Z");
const UNKNOWN = `${accountIdOf(1).slice(0, -1)}x`;

describe("an account without a complete snapshot, and one that is retired", () => {
  const facts = makeFacts({ seed: 1, from: FROM, hours: 1, assets: [2, 2], kind: "typical" });
  // Before the next slot: at 02:00, the snapshot of 00:00 would be too old.
  const now = FROM + 2 * HOUR - MINUTE;
  let example: FactsWorld;
  beforeAll(async () => {
    example = await startFactsWorld(facts, now);
  });
  afterAll(() => example.close());
  const [kept, closed] = [accountIdOf(0), accountIdOf(1)];
  const failing = accountIdOf(2);
  const RETIRED = "It was retired with balances accounts retire.";
  const fail = (accountId: string, slot: string) => {
    const attempt = { trigger: "schedule", code: "api_not_found", message: "HTTP 404.", attempts: 1 } as const;
    return example.newStore().recordFailure({ ...attempt, accountId, slot, lastTriedAt: slot });
  };
  const accountRows = async () => jsonRows(await example.balances("accounts"));

  it("is pending: accounts shows its last error, gaps names it, and no total includes it", async () => {
    await fail(failing, instant(FROM + HOUR));

    const totals = await example.balances("totals");
    const gaps = await example.balances("gaps", "--to", instant(FROM));
    const latest = await example.balances("latest", "--account", failing);

    expect((await accountRows())[2]).toMatchObject({
      ...{ accountId: failing, state: "pending", since: null, lastSlot: null, lastError: "api_not_found: HTTP 404." },
    });
    expect(totals).toMatchObject({ code: 0, stderr: "" });
    expect(jsonRows(totals).at(-1)).toMatchObject({ accountId: "all", accounts: 2, partial: false, ended: [] });
    const pending = `${failing} has no complete snapshot yet. To see its last error, run accounts.\n`;
    expect(gaps).toMatchObject({ code: 1, stdout: "", stderr: pending });
    expect(latest).toMatchObject({ code: 1, stdout: "", stderr: pending });
  });

  it("leaves with accounts retire, although it never had a complete snapshot, and gaps does not name it any more", async () => {
    const [first, second] = [
      await example.balances("accounts", "retire", failing),
      await example.balances("accounts", "retire", failing),
    ];

    const gaps = await example.balances("gaps", "--to", instant(FROM));
    const latest = await example.balances("latest", "--account", failing);
    expect(first).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(`^${failing} ended at ${instant(now)}\\.`),
    });
    expect(second.stdout).toBe(`${failing} already ended. It never had a complete snapshot.\n`);
    expect(gaps).toMatchObject({ code: 0, stdout: "", stderr: "" });
    expect(latest).toMatchObject({ code: 1, stderr: `${failing} has ended, and never had a complete snapshot.\n` });
  });

  it("ends with accounts retire, and a second retire says that it has ended", async () => {
    const [first, second] = [
      await example.balances("accounts", "retire", closed),
      await example.balances("accounts", "retire", closed),
    ];

    const totals = jsonRows(await example.balances("totals")).at(-1);
    expect(first).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(`^${closed} ended at ${instant(now)}\\.`),
    });
    expect(second).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/ already ended at .*: It was retired/),
    });
    expect((await accountRows())[1]).toMatchObject({ accountId: closed, state: "ended", ended: instant(now) });
    expect(totals).toMatchObject({ accountId: "all", accounts: 1, ended: [closed], slots: { [kept]: instant(FROM) } });
    expect(jsonRows(await example.balances("latest")).every(({ accountId }) => accountId === kept)).toBe(true);
  });

  it.each(["totals", "history --asset btc"])(
    "%s explains why it has nothing to show before the accounts start, and after one has ended",
    async (command) => {
      const [early, late] = [
        await example.balances(...command.split(" "), "--from", "2020-01-01", "--to", "2020-01-02"),
        await example.balances(...command.split(" "), "--from", instant(now), "--account", closed),
      ];

      const before = `has no snapshot before 2020-01-02T23:59:59.999Z; its history starts at ${instant(FROM)}.\n`;
      expect(early).toMatchObject({ code: 1, stderr: `${kept} ${before}${closed} ${before}` });
      expect(late).toMatchObject({ code: 1, stdout: "", stderr: `${closed} ended at ${instant(now)}: ${RETIRED}\n` });
    },
  );

  it("has its last snapshot in latest --account, which says that it has ended", async () => {
    const latest = await example.balances("latest", "--account", closed);

    expect(latest).toMatchObject({ code: 1, stderr: `${closed} ended at ${instant(now)}: ${RETIRED}\n` });
    expect(new Set(jsonRows(latest).map(({ accountId, slot }) => `${accountId} ${slot}`))).toEqual(
      new Set([`${closed} ${instant(FROM)}`]),
    );
  });

  it("is pending again if its first attempt after an end fails, and gaps names it", async () => {
    const slot = instant(now);
    await fail(closed, slot);

    const ended = [
      await example.balances("gaps", "--to", instant(FROM)),
      await example.balances("gaps", "--account", closed, "--to", instant(FROM)),
    ];

    const pending = `It is pending again since ${slot}. To see its last error, run accounts.\n`;
    expect((await accountRows())[1]).toMatchObject({ state: "pending", lastError: "api_not_found: HTTP 404." });
    expect(ended).toMatchObject(Array(2).fill({ code: 1, stdout: "", stderr: expect.stringContaining(pending) }));
  });

  it.each([
    ["an unknown account", ["retire", UNKNOWN], /^id: unknown account account_/],
    [
      "a mistyped retire",
      ["retir", accountIdOf(0)],
      /^accounts: unexpected argument "retir"\. Did you mean accounts retire\?/,
    ],
    [
      "an option that retire would not see",
      ["--format", "json", "retire", accountIdOf(0)],
      /^--format: give it after retire/,
    ],
    ["no account", ["retire"], /^accounts retire: no account is given\. Give its name or id, or .* with --key\.$/m],
    [
      "an account and a key",
      ["retire", accountIdOf(0), "--key", "us"],
      /^accounts retire: use either the .*, or --key\.$/m,
    ],
    [
      "a key that serves no account",
      ["retire", "--key", "us"],
      /^--key: no account has the key us\. No account's key is known\.$/m,
    ],
  ])("retire is a usage error for %s", async (_, args, message) => {
    const { code, stdout, stderr } = await example.balances("accounts", ...args);

    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(message);
  });
});
