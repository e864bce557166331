import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeAccount, makeBalances } from "../support/accounts.ts";
import { type Ended, jsonRows, runBalances } from "../support/history-cli.ts";
import { afterAll, beforeAll, expect, it } from "../support/jest.ts";
import { makeEd25519Key } from "../support/keys.ts";
import { newFolder } from "../support/new-folder.ts";
import { startWorld, type World } from "../support/world/world.ts";

// Snapshots of two keys in one table, each with its own schedule, taken by the command line.

const first = { ...makeAccount(makeBalances(2)), name: "Treasury" };
const second = makeAccount(makeBalances(3));
const keys = { emea: makeEd25519Key(), us: makeEd25519Key() };
const home = newFolder();

let world: World;
let taken: Ended[];
beforeAll(async () => {
  const authorized = [
    { ...keys.emea, accountIds: [first.accountId] },
    { ...keys.us, accountIds: [second.accountId] },
  ];
  world = await startWorld({ accounts: () => [first, second], keys: () => authorized });
  for (const [name, { file }] of Object.entries(keys)) writeFileSync(join(home, `${name}.json`), file);
  taken = [
    await snapshot("emea", "--schedule", "cron(0 * * * ? *)"),
    await snapshot("us", "--new-key", "--schedule", "cron(0 0 * * ? *)"),
  ];
});
afterAll(() => world.close());

const unnamed = (file: "emea" | "us", ...args: string[]) =>
  runBalances(
    ["snapshot", "--key-file", join(home, `${file}.json`), "--all", "--api", world.cdp.url, ...args],
    home,
    {},
  );
const withoutAge = ({ ageMs: _, ...row }: Record<string, unknown>) => row;
const snapshot = (key: "emea" | "us", ...args: string[]) => unnamed(key, "--key", key, ...args);

it("snapshot --key records whose accounts they are, ends none of another key, and registers a schedule for its own", async () => {
  expect(taken).toMatchObject([{ code: 0 }, { code: 0 }]);
  const rows = jsonRows(await runBalances(["accounts"], home, {}));
  const byId = Object.fromEntries(rows.map(({ accountId, key, state }) => [accountId, `${key} ${state}`]));
  expect(byId).toEqual({ [first.accountId]: "emea active", [second.accountId]: "us active" });
  const totals = await runBalances(["latest", "--by", "key"], home, {});
  expect(jsonRows(totals).map(({ key }) => key)).toEqual(expect.arrayContaining(["emea", "us"]));
});

it("snapshot without --key and --schedule leaves every account with its key", async () => {
  const manual = await unnamed("emea");
  const rows = jsonRows(await runBalances(["accounts"], home, {}));

  expect(JSON.parse(manual.stdout)).toMatchObject({
    accounts: { complete: 1 },
    snapshots: [{ accountId: first.accountId, accountName: "Treasury", outcome: "complete" }],
  });
  expect(rows.find(({ accountId }) => accountId === first.accountId)?.["key"]).toBe("emea");
});

it.each([
  [
    ["--key", "emae"],
    "--key: no account in the table has the key emae. Expected emea or us. For the first run of another key, add --new-key.",
  ],
  [
    ["--schedule", "cron(0 * * * ? *)"],
    "--schedule: the table has accounts of the keys emea and us. Add --key with the name",
  ],
])("snapshot %j is a usage error in a table of other keys, and writes nothing", async (args, message) => {
  const before = jsonRows(await runBalances(["accounts"], home, {}));

  const ended = await unnamed("emea", ...args);

  expect(ended).toMatchObject({ code: 2, stdout: "" });
  expect(ended.stderr).toContain(message);
  expect(jsonRows(await runBalances(["accounts"], home, {})).map(withoutAge)).toEqual(before.map(withoutAge));
});

it("snapshot --key needs no --new-key after a scheduled run that recorded no account", async () => {
  const folder = newFolder();
  writeFileSync(join(folder, "refused.json"), makeEd25519Key().file);
  const snapshotOf = (file: string, ...args: string[]) =>
    runBalances(["snapshot", "--key-file", file, "--all", "--api", world.cdp.url, ...args], folder, {});
  const schedule = ["--schedule", "cron(0 * * * ? *)"];
  await snapshotOf(join(home, "emea.json"), "--key", "emea", ...schedule);
  const first = await snapshotOf(join(folder, "refused.json"), "--key", "us", "--new-key", ...schedule);

  const second = await snapshotOf(join(home, "us.json"), "--key", "us", ...schedule);

  expect(first).toMatchObject({ code: 1, stderr: expect.stringContaining("401") });
  expect(second).toMatchObject({ code: 0 });
});

it.each([
  ["--new-key", /^--new-key requires --key\.$/m],
  ["--key=EMEA", /^--key: "EMEA" is not a valid name of a key\. Expected up to 20 small letters/m],
])("snapshot %s is a usage error", async (option, message) => {
  const ended = await unnamed("emea", option);

  expect(ended.code).toBe(2);
  expect(ended.stderr).toMatch(message);
});
