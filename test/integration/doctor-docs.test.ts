import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { afterEach, describe, expect, it, jest } from "@jest/globals";
import { type CheckResult, STEPS } from "../../cli/doctor/check-result.ts";
import { printFindings } from "../../cli/doctor/print.ts";
import type { SimulatedAccount } from "../../local/simulated-cdp/server.ts";
import { makeAccount, makeBalances } from "../support/accounts.ts";
import { DENIED } from "../support/aws.ts";
import { type DoctorWorld, describeTable, RESOURCES, startDoctorWorld } from "../support/doctor.ts";
import { makeEd25519Key } from "../support/keys.ts";

// docs/doctor.md shows what the doctor prints. `WRITE_DOCS=1 npm test -- test/integration/doctor-docs` puts it there.

const DOCUMENT = new URL("../../docs/doctor.md", import.meta.url);
const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

const account = (id: string, assets: number): SimulatedAccount => ({
  ...makeAccount(makeBalances(assets)),
  accountId: `account_${id}`,
});
const ACCOUNTS = [
  account("300fda09-9bf4-4fac-89d2-f89263ddbaf9", 8),
  account("89af9ed0-2560-41c5-867f-bb5522e53a50", 131),
];
const KEY_ID = "7d1c2f58-3a0e-4b6f-9c44-5e0f7a9b2d13";

function makeKey() {
  const key = makeEd25519Key();
  return { ...key, id: KEY_ID, file: key.file.replace(key.id, KEY_ID) };
}

let world: DoctorWorld | undefined;
afterEach(async () => {
  jest.restoreAllMocks();
  await world?.close();
});

async function printed(findings: readonly CheckResult[]): Promise<string> {
  let text = "";
  jest.spyOn(process.stdout, "write").mockImplementation((chunk) => {
    text += String(chunk);
    return true;
  });
  await printFindings(
    (async function* () {
      yield* findings;
    })(),
    "table",
  );
  // The simulated API's own name, speed and ids say nothing.
  return text
    .replace(/127\.0\.0\.1:\d+ answers in \d+ ms/, "api.cdp.coinbase.com answers in 84 ms")
    .replace(/correlation id [0-9a-f]{16}-IAD/, "correlation id 41deb8d59a9dc9a7-IAD");
}

async function expectShown(title: string, text: string): Promise<void> {
  const document = readFileSync(DOCUMENT, "utf8");
  const section = new RegExp(`(## ${title}\\n[\\s\\S]*?\`\`\`\\n\\$ .*\\n)([\\s\\S]*?)(\`\`\`)`);
  if (process.env["WRITE_DOCS"] !== undefined) {
    writeFileSync(
      DOCUMENT,
      document.replace(section, (_, head, __, end) => `${head}${text}${end}`),
    );
  }

  expect(section.exec(readFileSync(DOCUMENT, "utf8"))?.[2]).toBe(text);
}

describe("docs/doctor.md shows", () => {
  it("a stack that is well", async () => {
    world = await startDoctorWorld(() => ACCOUNTS, makeKey());
    await world.run("2026-11-23T09:00:00.000Z");
    await world.run("2026-11-23T10:00:00.000Z");
    world.goTo("2026-11-23T10:34:01.500Z");

    await expectShown("All is well", await printed(await world.examine()));
  });

  it("a stack that is not", async () => {
    world = await startDoctorWorld(() => ACCOUNTS, makeKey());
    await world.run("2026-11-23T08:00:00.000Z");
    world.servers.cdp.misbehave({
      kind: "error",
      status: 404,
      message: "Account not found.",
      correlationId: "9b1deb4d-IAD",
      on: { account: ACCOUNTS[1]?.accountId ?? "" },
    });
    await world.run("2026-11-23T09:00:00.000Z").catch(() => {});
    world.servers.cdp.behave();
    world.goTo("2026-11-23T12:30:01.500Z");
    world.aws.reply("dynamodb:DescribeTable", describeTable({ DeletionProtectionEnabled: false }));
    world.aws.reply("dynamodb:DescribeContinuousBackups", DENIED);
    world.schedule({ State: "DISABLED" });
    world.stack({ resources: { ...RESOURCES, "AWS::SNS::Subscription": [] } });
    world.alarms({
      "no-complete-run": { StateValue: "ALARM", StateUpdatedTimestamp: Date.parse("2026-11-23T11:05:00Z") / 1000 },
    });

    await expectShown("Something is wrong", await printed(await world.examine(undefined, 47_000)));
  });
});

it("docs/doctor.md has a row for each step", () => {
  const rows = [...readFileSync(DOCUMENT, "utf8").matchAll(/^\| `([\w -]+)` /gm)].map(([, step]) => step);

  expect(rows).toEqual(STEPS);
});

it("every section of the runbook that a remedy points at is there", () => {
  const headings = [...read("docs/runbook.md").matchAll(/^## (.*)$/gm)].map(([, title = ""]) =>
    title.toLowerCase().replaceAll(" ", "-"),
  );
  const sources = readdirSync(new URL("../../cli/doctor", import.meta.url)).map((name) => read(`cli/doctor/${name}`));

  const named = sources.flatMap((text) =>
    [...text.matchAll(/docs\/runbook\.md#([a-z-]+)/g)].map(([, anchor]) => anchor),
  );

  expect(named.length).toBeGreaterThan(3);
  expect(headings).toEqual(expect.arrayContaining([...new Set(named)]));
});
