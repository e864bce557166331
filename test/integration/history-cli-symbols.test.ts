import { type FactsWorld, startFactsWorld } from "../support/facts-world.ts";
import { csvRows, type Ended, jsonRows } from "../support/history-cli.ts";
import { MINUTE, makeFacts } from "../support/history-facts.ts";
import { afterAll, beforeAll, describe, expect, it } from "../support/jest.ts";
import { assetOf, snapshotWith } from "../unit/domain/snapshots.ts";

// How --asset and --denomination find a stored symbol.

const facts = makeFacts({ seed: 1, from: Date.parse("2026-11-01T00:00:00Z"), hours: 1, assets: [2, 2] });
const WITH_EUROS = "account_af2937b0-9846-4fe7-bfe9-ccc22d935112";
const EUROS = { btc: { btc: ["1", "1"], usd: ["90000", "90000"], eur: ["80000", "80000"] } } as const;
/** An account whose symbols differ only in case, and whose values were in francs at first. */
const TWINS = "account_af2937b0-9846-4fe7-bfe9-ccc22d935113";
const AMOUNT = ["1", "1"] as const;
const FRANCS = { btc: { btc: AMOUNT, usd: AMOUNT, chf: AMOUNT } };
const PAIRS = {
  ATOM: { ATOM: AMOUNT, usd: AMOUNT, gbp: AMOUNT, Gbp: AMOUNT },
  Btc: { Btc: ["2", "2"], usd: AMOUNT, gbp: AMOUNT, Gbp: AMOUNT },
  btc: { btc: ["3", "3"], usd: AMOUNT, gbp: ["4", "4"], Gbp: ["5", "5"] },
} as const;

/** An account with an asset that looks like usdc, and one that looks like the first one's escaped symbol. */
const INVISIBLE = "account_af2937b0-9846-4fe7-bfe9-ccc22d935114";
const ESCAPED = String.raw`u\u200bsdc`;
const DECEPTIVE = {
  "u\u200bsdc": { "u\u200bsdc": AMOUNT, usd: AMOUNT },
  [ESCAPED]: { [ESCAPED]: AMOUNT, usd: AMOUNT },
};

describe("symbols match without case", () => {
  let twins: FactsWorld;
  beforeAll(async () => {
    twins = await startFactsWorld(facts);
    const store = twins.newStore();
    const slotBefore = (minutes: number) => new Date(Date.now() - minutes * MINUTE).toISOString();
    const assets = [...["ATOM", "Btc", "btc"].map((symbol) => assetOf(symbol)), assetOf("nok", { type: "fiat" })];
    await store.save(snapshotWith(FRANCS, { accountId: TWINS, slot: slotBefore(2) }), []);
    await store.save(snapshotWith(PAIRS, { accountId: TWINS, slot: slotBefore(1) }), assets);
    await store.save(snapshotWith(EUROS, { accountId: WITH_EUROS, slot: slotBefore(1) }), []);
    const deceptive = assetOf("u\u200bsdc", { name: "USD\u202e Coin" });
    await store.save(snapshotWith(DECEPTIVE, { accountId: INVISIBLE, slot: slotBefore(1) }), [deceptive]);
  });
  afterAll(() => twins.close());

  const lastRow = (ended: Ended) => jsonRows(ended).at(-1);

  it.each([
    ["atom", { asset: "ATOM", total: "1" }],
    ["Btc", { asset: "Btc", total: "2" }],
    ["btc", { asset: "btc", total: "3" }],
  ])("history --asset %s", async (asset, row) => {
    const ended = await twins.balances("history", "--account", TWINS, "--asset", asset);

    expect(ended).toMatchObject({ code: 0, stderr: "" });
    expect(lastRow(ended)).toMatchObject({ ...row, state: "held" });
  });

  it.each([
    ["USD", { denomination: "usd", total: "3" }],
    ["gbp", { denomination: "gbp", total: "6" }],
  ])("totals --denomination %s", async (denomination, row) => {
    const ended = await twins.balances("totals", "--account", TWINS, "--denomination", denomination);

    expect(ended.code).toBe(0);
    expect(lastRow(ended)).toMatchObject(row);
  });

  it("the report shows invisible characters as escapes, distinct from text that looks like escapes", async () => {
    const title = "My\u2066 balances";

    const ended = await twins.balances("report", "--account", INVISIBLE, "--title", title, "--out", "-");

    const page = ended.stdout;
    expect(page).not.toMatch(/[\u200b\u202e\u2066]/);
    expect(page).toContain(String.raw`<title>My\u2066 balances</title>`);
    expect(page).toContain(String.raw`"symbol":"u\\u200bsdc","name":"USD\\u202e Coin"`);
    expect(page).toContain(String.raw`"symbol":"u\\u005cu200bsdc"`);
  });

  it("every command shows the denomination as it is stored", async () => {
    const commands = ["latest", "changes", "history --asset btc", "history --asset btc --every 1h"];
    for (const command of commands) {
      const options = ["--account", WITH_EUROS, "--denomination", "EUR", "--format", "csv"];
      const ended = await twins.balances(...command.split(" "), ...options);

      expect(ended).toMatchObject({ code: 0, stderr: "" });
      for (const line of ended.stdout.trimEnd().split("\n").slice(1)) expect(line).toMatch(/,btc,.*,eur,/);
    }
  });

  it.each([
    ["--asset", "BTC", "Btc and btc"],
    ["--denomination", "GBP", "Gbp and gbp"],
  ])("%s %s is ambiguous", async (option, symbol, stored) => {
    const asset = option === "--asset" ? [] : ["--asset", "btc"];

    const ended = await twins.balances("history", ...asset, option, symbol);

    const message = `${option}: ${symbol} is ambiguous, because ${stored} differ only in case. Give one of them exactly.`;
    expect(ended).toMatchObject({ code: 2, stdout: "", stderr: `${message}\n` });
  });

  it.each([
    ["valued only in the oldest snapshot", TWINS, "CHF", "no values in chf. Did you mean"],
    ["valued only in other accounts", TWINS, "eur", "no values in eur. Did you mean"],
    ["valued in the newest snapshot", WITH_EUROS, "eur", ""],
  ])("a denomination %s is known, with a warning unless it has values now", async (_, account, symbol, warning) => {
    const { code, stderr } = await twins.balances("latest", "--account", account, "--denomination", symbol);

    expect({ code, warns: stderr !== "" }).toEqual({ code: 0, warns: warning !== "" });
    expect(stderr).toContain(warning);
  });

  it("a denomination is accepted if every account is empty", async () => {
    const world = await startFactsWorld({ ...facts, accounts: [] });
    await world.newStore().save(snapshotWith({}, { slot: new Date(Date.now() - MINUTE).toISOString() }), []);

    const { code, stderr } = await world.balances("totals", "--denomination", "eur");

    await world.close();
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  });
});

describe("an asset that is called total", () => {
  let world: FactsWorld;
  beforeAll(async () => {
    world = await startFactsWorld(facts);
    const held = (amount: string) => ({ total: { total: [amount, amount], usd: [amount, amount] } }) as const;
    for (const [minutes, amount] of [
      [120, "1"],
      [1, "3"],
    ] as const) {
      const slot = new Date(Date.now() - minutes * MINUTE).toISOString();
      await world.newStore().save(snapshotWith(held(amount), { accountId: TWINS, slot }), [assetOf("total")]);
    }
  });
  afterAll(() => world.close());

  it.each([
    ["latest", "--by", "asset"],
    ["changes", "--by", "value", "--from", "-90min"],
  ])("is in quotes in the table of %s, and as it is in CSV", async (...args) => {
    const table = await world.balances(...args, "--account", TWINS, "--format", "table");
    const csv = await world.balances(...args, "--account", TWINS, "--format", "csv");

    expect(table.stdout.match(/^ *"?total"? /gm)?.map((label) => label.trim())).toEqual(['"total"', "total"]);
    expect(csvRows(csv).rows.map(({ record, asset }) => [record, asset])).toEqual([
      ["sum", "total"],
      ["total", ""],
    ]);
  });
});
