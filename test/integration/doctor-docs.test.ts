import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { CHECKS } from "../../cli/doctor/check-result.ts";
import type { SimulatedAccount } from "../../local/simulated-cdp/server.ts";
import { makeAccount, makeBalances } from "../support/accounts.ts";
import { type DoctorWorld, describeTable, RESOURCES, STACK, startDoctorWorld } from "../support/doctor.ts";
import { makeEd25519Key } from "../support/keys.ts";
import { DENIED } from "../support/world/aws.ts";

// docs/doctor.md shows the doctor's real output. To update it: `WRITE_DOCS=1 npm test -- test/integration/doctor-docs`.

const DOCUMENT = new URL("../../docs/doctor.md", import.meta.url);
const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

const account = (id: string, assets: number): SimulatedAccount => ({
  ...makeAccount(makeBalances(assets)),
  accountId: `account_${id}`,
});
const GOOD = account("300fda09-9bf4-4fac-89d2-f89263ddbaf9", 8);
const BAD = account("89af9ed0-2560-41c5-867f-bb5522e53a50", 131);
const KEY_ID = "7d1c2f58-3a0e-4b6f-9c44-5e0f7a9b2d13";

let world: DoctorWorld;
beforeEach(async () => {
  const key = makeEd25519Key();
  world = await startDoctorWorld(() => [GOOD, BAD], { ...key, id: KEY_ID, file: key.file.replace(key.id, KEY_ID) });
});
afterEach(() => world.close());

async function output(clockAheadMs: number): Promise<string> {
  const { stdout } = await world.runCommand(["--stack", STACK, "--format", "table"], "/nowhere", clockAheadMs);
  // The simulated API's host, latency and ids differ from run to run.
  return stdout
    .replace(/127\.0\.0\.1:\d+ answered in \d+ ms/, "api.cdp.coinbase.com answered in 84 ms")
    .replace(/correlation id [0-9a-f]{16}-IAD/, "correlation id 41deb8d59a9dc9a7-IAD");
}

/** Compares the output below a heading; with `WRITE_DOCS`, replaces it first. */
function expectDocumented(title: string, text: string): void {
  const section = new RegExp(`(## ${title}\\n[\\s\\S]*?\`\`\`\\n\\$ .*\\n)([\\s\\S]*?)(\`\`\`)`);
  if (process.env["WRITE_DOCS"] !== undefined) {
    writeFileSync(
      DOCUMENT,
      read("docs/doctor.md").replace(section, (_, head, __, end) => `${head}${text}${end}`),
    );
  }

  expect(section.exec(read("docs/doctor.md"))?.[2]).toBe(text);
}

describe("docs/doctor.md", () => {
  it("shows the output for a healthy stack", async () => {
    await world.runSlot("2026-11-23T09:00:00.000Z");
    await world.runSlot("2026-11-23T10:00:00.000Z");
    world.setTime("2026-11-23T10:34:01.500Z");

    expectDocumented("All checks pass", await output(0));
  });

  it("shows the output for a stack with failures", async () => {
    await world.runSlot("2026-11-23T08:00:00.000Z");
    const notFound = { message: "Account not found.", correlationId: "9b1deb4d-IAD", on: { account: BAD.accountId } };
    world.servers.cdp.misbehave({ kind: "error", status: 404, ...notFound });
    await world.runSlot("2026-11-23T09:00:00.000Z").catch(() => {});
    world.servers.cdp.behave();
    world.setTime("2026-11-23T12:30:01.500Z");
    world.aws.reply("dynamodb:DescribeTable", describeTable({ DeletionProtectionEnabled: false }));
    world.aws.reply("dynamodb:DescribeContinuousBackups", DENIED);
    world.setSchedule({ State: "DISABLED" });
    world.setStack({ resources: { ...RESOURCES, "AWS::SNS::Subscription": [] } });
    const since = Date.parse("2026-11-23T11:05:00Z") / 1000;
    world.setAlarms({ "no-complete-run": { StateValue: "ALARM", StateUpdatedTimestamp: since } });

    expectDocumented("Some checks fail", await output(47_000));
  });

  it("has a row for each check", () => {
    const rows = [...read("docs/doctor.md").matchAll(/^\| `([\w -]+)` /gm)].map(([, check]) => check);

    expect(rows).toEqual(CHECKS);
  });
});

it("suggested fixes link to existing sections of the runbook", () => {
  const headings = [...read("docs/runbook.md").matchAll(/^## (.*)$/gm)].map(([, title = ""]) =>
    title.toLowerCase().replaceAll(" ", "-"),
  );
  const sources = readdirSync(new URL("../../cli/doctor", import.meta.url)).map((name) => read(`cli/doctor/${name}`));

  const anchors = sources.flatMap((text) => text.match(/(?<=docs\/runbook\.md#)[a-z-]+/g) ?? []);

  expect(anchors.length).toBeGreaterThan(3);
  expect(headings).toEqual(expect.arrayContaining(anchors));
});
