import { mkdirSync, writeFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import { syncBuiltinESMExports } from "node:module";
import { join } from "node:path";
import fc from "fast-check";
import { TableSnapshotStore } from "../../core/table/snapshot-store.ts";
import { Table } from "../../core/table/table.ts";
import { embeddedEnvironment, LOCAL_TABLE } from "../../local/dynamodb/embedded-dynamodb.ts";
import { type Ended, runBalances } from "../support/history-cli.ts";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "../support/jest.ts";
import { newFolder } from "../support/new-folder.ts";
import { type AmountTexts, assetOf, snapshotWith } from "../unit/domain/snapshots.ts";
import { newAccount, startTestTable, type TestTable } from "../unit/table/embedded.ts";
import { fuzz } from "./fuzz.ts";
import { hostileText } from "./texts.ts";

// Runs command lines in this process, in a temporary folder, on a small table. None may reach another machine.

const HOUR = 3_600_000;
const START = Date.parse("2026-11-20T00:00:00Z");
const ACCOUNTS = [newAccount(), newAccount()];
const SYMBOLS = ["btc", "usd", "a,b", "1", "é 🐕", "\u001b[31m"];

const home = process.cwd();
const originals = { http: http.get, https: https.get };
const folder = newFolder();
let table: TestTable | undefined;

beforeAll(async () => {
  mkdirSync(join(folder, "a-folder"));
  writeFileSync(join(folder, "no-key.json"), '{"id": "x"}');
  writeFileSync(join(folder, "empty"), "");
  const started = await startTestTable();
  table = started;
  const store = new TableSnapshotStore(new Table(started.client, started.name));
  const start = new Date(START).toISOString();
  const hourly = { expression: "cron(0 * * * ? *)", timezone: "UTC", latenessLimitMs: HOUR };
  await store.registerSchedule(hourly, start, start);
  for (const accountId of ACCOUNTS) {
    for (const hour of [0, 1, 3, 4, 30]) {
      const slot = new Date(START + hour * HOUR).toISOString();
      const held = SYMBOLS.slice(0, 1 + (hour % 6));
      const amounts = (symbol: string): AmountTexts => ({ [symbol]: ["1", "1.5"], usd: ["2", "3"] });
      const balances = Object.fromEntries(held.map((symbol) => [symbol, amounts(symbol)]));
      await store.save(
        snapshotWith(balances, { accountId, slot }),
        held.map((symbol) => assetOf(symbol)),
      );
    }
  }
});
afterAll(() => table?.close());

beforeEach(() => {
  process.chdir(folder);
  const onlyHere = (original: typeof http.get) => (url: URL, options: http.RequestOptions, onResponse: () => void) =>
    original(url.hostname === "127.0.0.1" ? url : "http://127.0.0.1:9", options, onResponse);
  replaceGet(onlyHere(originals.http) as typeof http.get, onlyHere(originals.http) as typeof https.get);
});
afterEach(() => {
  process.chdir(home);
  replaceGet(originals.http, originals.https);
});

function replaceGet(byHttp: typeof http.get, byHttps: typeof https.get): void {
  Object.assign(http, { get: byHttp });
  Object.assign(https, { get: byHttps });
  syncBuiltinESMExports();
}

/** Runs a command line on the table. */
function run(args: readonly string[]): Promise<Ended> {
  const limits = { AWS_MAX_ATTEMPTS: "1", CDP_MAX_ATTEMPTS: "1", CDP_REQUEST_TIMEOUT_MS: "200" };
  return runBalances(args, folder, {
    ...(table && { ...embeddedEnvironment(table), AWS_ENDPOINT_URL: table.url }),
    ...limits,
  });
}

const MOMENTS = "2026-11-20 2026-11 2026 2026-11-20T02:00 2026-11-20T02:00:00Z now -1d -3h -1mo".split(" ");
const OPTIONS: Readonly<Record<string, readonly string[]>> = {
  "--account": [...ACCOUNTS, "account_00000000-0000-0000-0000-000000000000", "account_"],
  "--from": MOMENTS,
  "--to": MOMENTS,
  "--gaps-from": MOMENTS,
  "--at": [...MOMENTS, "0000", "9999-12-31", "-99999y"],
  "--every": ["1h", "6h", "1d", "1w", "1mo", "3mo", "1y", "2d", "7h"],
  "--max-age": ["1h", "90min", "99999y"],
  "--asset": SYMBOLS,
  "--denomination": ["usd", "btc"],
  "--timezone": ["UTC", "Europe/Zurich", "America/Havana"],
  "--schedule": ["cron(0 * * * ? *)", "cron(0 9 ? NOV-FEB MON-FRI *)"],
  "--format": ["table", "json", "csv", "parquet", "html"],
  "--out": ["out", "a-folder", "nowhere/out", "out.html"],
  "--key-file": ["no-key.json", "empty", "a-folder", "nowhere"],
  "--api": ["http://127.0.0.1:1", "https://api.example.com"],
  "--anchor": ["no-key.json", "empty", "a-folder", "nowhere"],
  "--data": ["data", "a-folder", "empty"],
  "--secret": ["a-secret"],
  "--title": ["A title"],
  "--owner": ["entity"],
  "--type": ["prime"],
};
const FILES = ["--out", "--key-file", "--anchor"];
const REQUIRED: Readonly<Record<string, string>> = {
  "as-of": "--at",
  history: "--asset",
  report: "--out",
  snapshot: "--key-file",
};

/** The commands and their options, from the help texts, so that new ones are included. */
const namesIn = (help: string, form: RegExp) => [...help.matchAll(form)].map(([, name = ""]) => name);
const COMMANDS = namesIn((await run(["--help"])).stdout.split("Commands:")[1] ?? "", /^ {2}([a-z-]+)/gm);
const OWN: Record<string, readonly string[]> = {};
for (const name of COMMANDS) OWN[name] = namesIn((await run([name, "--help"])).stdout, /^ {2}(?:-\w, )?(--[a-z-]+)/gm);

/** Texts that no command takes for a path outside the folder, or for an address. */
const anyValue = hostileText.filter((text) => !["/", ":", "\u0000"].some((sign) => text.includes(sign)));

function valueFor(name: string): fc.Arbitrary<string> {
  const right = fc.constantFrom(...(OPTIONS[name] ?? ["1"]));
  if (FILES.includes(name)) return right;
  return fc.oneof({ weight: 6, arbitrary: right }, { weight: 1, arbitrary: anyValue });
}

function optionOf(name: string): fc.Arbitrary<string[]> {
  if (OPTIONS[name] === undefined) return fc.constantFrom<string[]>([name], [name, "1"], [`${name}=1`]);
  return fc.oneof(
    { weight: 10, arbitrary: valueFor(name).map((of) => [name, of]) },
    { weight: 1, arbitrary: fc.constant<string[]>([name]) },
  );
}

/** A command with its required option and some others, rarely with something invalid, nearly always on the table. */
const anyCommandLine = fc.constantFrom(...COMMANDS).chain((command) => {
  const required = REQUIRED[command];
  const own = (OWN[command] ?? []).filter((name) => name !== "--help" && name !== "--table" && name !== "--stack");
  const part = fc.oneof(
    { weight: 20, arbitrary: fc.constantFrom(...own, "--help").chain(optionOf) },
    { weight: 1, arbitrary: fc.constantFrom(...Object.keys(OPTIONS), "-x", "--nothing").chain(optionOf) },
    { weight: 1, arbitrary: fc.oneof(anyValue, fc.constantFrom("--", "extra")).map((text) => [text]) },
  );
  const table = fc.oneof(
    { weight: 30, arbitrary: fc.constant<string[]>(["--table", LOCAL_TABLE]) },
    { weight: 1, arbitrary: fc.constantFrom<string[]>([], ["--table", "another"], ["--stack", "a-stack"]) },
  );
  return fc
    .tuple(
      required === undefined ? fc.constant<string[]>([]) : optionOf(required),
      fc.array(part, { maxLength: 4 }),
      table,
    )
    .map(([first, parts, last]) => [command, ...first, ...parts.flat(), ...last]);
});

/** Command lines that once ended without a readable message. */
const FOUND = [["doctor", "--probe", "--secret", "a-secret", "--table", LOCAL_TABLE]];

describe("command lines", () => {
  const property = async (args: readonly string[]) => {
    const { code, stdout, stderr } = await run(args);
    expect([0, 1, 2]).toContain(code);
    expect(stderr).not.toMatch(
      /^\s+at .*:\d+:\d+|Please report this|\b(Type|Range|Reference|Syntax)Error\b|Deserialization/m,
    );
    if (code !== 0) expect(stderr + stdout).not.toBe("");
  };

  it.each(FOUND)("a command line that once failed ends with an exit code: %s %s %s %s %s %s", (...args) =>
    property(args),
  );
  fuzz("any command line ends with an exit code", 15, anyCommandLine, property);
});
