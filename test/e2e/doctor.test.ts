import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "@jest/globals";
import { type SimulatedCdp, startSimulatedCdp } from "../../local/simulated-cdp/server.ts";
import { makeAccount, makeBalances } from "../support/accounts.ts";
import { jsonRows, runBalances, startBalances } from "../support/history-cli.ts";
import { makeEcKey } from "../support/keys.ts";
import { sawOutput } from "../support/leak-watch.ts";

// The doctor as a person starts him, in a folder where `snapshot` has made a table.

const accounts = [makeAccount(makeBalances(3)), makeAccount(makeBalances(1))];
const key = makeEcKey();
const ROOT = process.cwd();
let home = "";
let cdp: SimulatedCdp;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), "doctor-"));
  process.chdir(home);
  writeFileSync(join(home, "key.json"), key.file);
  cdp = await startSimulatedCdp({ accounts: () => accounts, keys: () => [key] });
});
afterAll(async () => {
  process.chdir(ROOT);
  await cdp.close();
  rmSync(home, { recursive: true });
});

it("looks at the key, the API and the embedded table", async () => {
  const withKey = ["--key-file", "key.json", "--api", cdp.url];
  await runBalances(["snapshot", "--all", ...withKey], home, {});

  const ended = await startBalances(["doctor", ...withKey], home, {});

  sawOutput(ended.stdout);
  const rows = jsonRows(ended);
  const statuses = Object.fromEntries(rows.map(({ step, status }) => [step, status]));
  expect(ended.code).toBe(0);
  expect(statuses).toMatchObject({ key: "ok", account: "ok", table: "ok", expiry: "skipped", alarms: "skipped" });
  expect(rows.filter(({ step }) => step === "last run").map(({ found }) => found)).toEqual(
    Array(2).fill(
      expect.stringMatching(/^complete for .*, by hand, captured \d+ seconds? ago, \d assets?; no schedule is known/),
    ),
  );
});
