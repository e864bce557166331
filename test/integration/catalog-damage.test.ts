import { verifyAccount } from "../../core/integrity/verify.ts";
import { openChains } from "../../core/readers.ts";
import { makeAccount, makeBalances } from "../support/accounts.ts";
import { testClock } from "../support/clock.ts";
import { jsonRows, runBalances } from "../support/history-cli.ts";
import { afterAll, beforeAll, describe, expect, it } from "../support/jest.ts";
import { newFolder } from "../support/new-folder.ts";
import { composeTestJob } from "../support/world/job.ts";
import { type Item, startWorld, type World } from "../support/world/world.ts";

// An item of the catalog that cannot be read stops neither a run nor a command that does not need it.

const HOUR_MS = 3_600_000;
const START = Date.parse("2026-11-23T10:00:00.000Z");
const SCHEDULE = { SNAPSHOT_SCHEDULE: "cron(0 * * * ? *)" };
const [damaged, intact] = [makeAccount(makeBalances(3)), makeAccount(makeBalances(2))];
const clock = testClock(new Date(START + 1000).toISOString());

let world: World;
let catalog: Item[];
beforeAll(async () => {
  world = await startWorld({ inMemory: true, accounts: () => [damaged, intact], clock });
  await runHour();
  catalog = (await world.items()).filter(({ account }) => account?.S === "catalog");
});
afterAll(() => world.close());

let hour = 0;
/** Runs the next slot in a new process, and returns the outcomes and the warnings. */
async function runHour() {
  clock.advance(START + hour * HOUR_MS + 1000 - clock.now());
  const job = composeTestJob(world, SCHEDULE);
  const { snapshots } = await job.run({ scheduledTime: new Date(START + hour++ * HOUR_MS).toISOString() });
  return { outcomes: snapshots.map(({ outcome }) => outcome), warnings: job.reported.warnings };
}

const balances = (...args: string[]) =>
  runBalances([...args, "--table", world.scope], newFolder(), world.env, clock.now() + 60_000);

/** Returns the catalog's item whose sort key begins with a text. */
function itemOf(prefix: string): Item & { readonly slot: { readonly S: string } } {
  const item = catalog.find(({ slot }) => slot?.S?.startsWith(prefix));
  if (item?.["slot"]?.S === undefined) throw new Error(`The catalog has no ${prefix}.`);
  return { ...item, slot: { S: item["slot"].S } };
}

const KINDS = [
  ["an account", damaged.accountId, "at", [intact], damaged.accountId],
  ["the assets", "assets ", "assets", [damaged, intact], "catalog"],
  ["the schedule", "schedule ", "timezone", [damaged, intact], "catalog"],
] as const;

describe.each(KINDS)("a catalog item that cannot be read, of %s", (_, prefix, attribute, shown, concerned) => {
  const damage = () => ({ ...itemOf(prefix), [attribute]: { N: "1" } });
  const message = () => `Item catalog / ${itemOf(prefix).slot.S}: attribute ${attribute} is missing or malformed.`;
  beforeAll(() => world.put([damage()]));
  afterAll(() => world.put([itemOf(prefix)]));

  it("is skipped by latest, which names it, shows the rest and exits with 1", async () => {
    const ended = await balances("latest", "--format", "table");

    expect(ended.stdout.match(/^account_\S+/gm)?.sort()).toEqual(shown.map(({ accountId }) => accountId).sort());
    expect(ended).toMatchObject({ code: 1, stderr: expect.stringContaining(`${message()} The item is skipped.`) });
  });

  it("is a finding of verify, which verifies every account", async () => {
    const ended = await balances("verify");

    expect(ended.code).toBe(1);
    expect(jsonRows(ended)).toMatchObject([
      { code: "catalog_unreadable", accountId: concerned, message: expect.stringContaining(message()) },
    ]);
    for (const { accountId } of [damaged, intact]) expect(ended.stderr).toMatch(new RegExp(`${accountId}: \\d+ snap`));
    expect(ended.stderr).toContain("catalog: 1 FINDING");
  });

  it("is a warning of a run, which takes and chains every snapshot", async () => {
    const { outcomes, warnings } = await runHour();

    expect(outcomes).toEqual(["complete", "complete"]);
    expect(warnings).toEqual(["Catalog incomplete"]);
    const chains = openChains(world.scope);
    const { accounts, schedules } = await chains.catalog();
    for (const { accountId } of [damaged, intact]) {
      const facts = { activity: accounts.get(accountId), schedules, anchors: [], now: clock.now() };
      const verified = await verifyAccount(chains, accountId, facts);
      // The account does not count, until its damaged start is restored.
      const findings = accountId === concerned ? [{ code: "account_differs" }] : [];
      expect(verified).toMatchObject({ snapshots: hour, entries: hour, findings });
    }
  });
});

it("an asset is found by its symbol in any case, although the catalog's assets cannot be read", async () => {
  await world.put([{ ...itemOf("assets "), assets: { N: "1" } }]);

  const ended = await balances("history", "--asset", "A1", "--from", "2026-11-23", "--every", "1h");

  expect(ended.code).toBe(1);
  expect(new Set(jsonRows(ended).map(({ asset }) => asset))).toEqual(new Set(["a1"]));
  expect(ended.stderr).toContain("Item catalog / assets 0000000001: attribute assets is missing or malformed.");
  await world.put([itemOf("assets ")]);
});

it("a schedule that cannot be read is an error of gaps, which needs it, even if a later run has registered the schedule again", async () => {
  await world.put([{ ...itemOf("schedule "), expression: { N: "1" } }]);

  const ended = await balances("gaps");

  expect(ended).toMatchObject({ code: 1, stdout: "" });
  expect(ended.stderr).toMatch(/attribute expression is missing.*\n(.*\n)*The schedule "" is not valid, so its slots/);
});
