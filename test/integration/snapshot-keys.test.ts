import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { STACK } from "../support/doctor.ts";
import { emea, first, type KeysDoctor, second, startKeysDoctor, us } from "../support/doctor-keys.ts";
import { expectFailure } from "../support/history-cli.ts";
import { afterAll, beforeAll, describe, expect, it } from "../support/jest.ts";
import { newFolder } from "../support/new-folder.ts";

// Which key a snapshot of the command line is for, in the table of a stack with several keys.

const home = newFolder();
const schedule = ["--schedule", "cron(0 * * * ? *)"];
let doctor: KeysDoctor;
beforeAll(async () => {
  doctor = await startKeysDoctor();
  doctor.reset();
  for (const [name, { file }] of Object.entries({ emea, us })) writeFileSync(join(home, `${name}.json`), file);
});
afterAll(() => doctor.world.close());

const balances = (...args: string[]) => doctor.world.balances([...args, "--stack", STACK], home);
const snapshot = (file: "emea" | "us", ...args: string[]) =>
  balances("snapshot", "--key-file", join(home, `${file}.json`), "--api", doctor.world.servers.cdp.url, ...args);

it("snapshot --schedule without --key is a usage error for a stack with several keys, also before the first snapshot", async () => {
  const ended = await snapshot("us", "--all", ...schedule);

  expectFailure(
    ended,
    2,
    /^--schedule: the stack has the keys emea and us\. Add --key with the name of the key in the file\.$/m,
  );
  expect((await balances("accounts")).stderr).toMatch(/^No snapshots in the table/);
});

describe("snapshot --key with accounts of another key", () => {
  beforeAll(async () => {
    for (const key of ["emea", "us"] as const) await snapshot(key, "--key", key, "--all", ...schedule);
    doctor.world.setTime("2026-11-23T10:20:00.000Z");
  });

  it.each([
    ["its id", first.accountId],
    ["its name", "Treasury"],
  ])("is a usage error that names the other key, and writes nothing: %s", async (_, account) => {
    const before = await balances("history", "--asset", "usd", "--format", "json");

    const ended = await snapshot("us", "--key", "us", "--account", account, second.accountId);

    const message = `--account: ${first.accountId} is an account of the key emea. Give --key emea and the file of that key.`;
    expect(ended).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining(message) });
    expect(await balances("history", "--asset", "usd", "--format", "json")).toEqual(before);
  });

  it("takes accounts of its own, and any account without --key", async () => {
    const own = await snapshot("us", "--key", "us", "--account", second.accountId);
    const any = await snapshot("emea", "--account", first.accountId);

    expect([own, any]).toMatchObject([{ code: 0 }, { code: 0 }]);
  });

  it("takes an account that has ended", async () => {
    await balances("accounts", "retire", "Treasury");

    const ended = await snapshot("us", "--key", "us", "--account", first.accountId);

    expect(ended).toMatchObject({ code: 0 });
  });
});
