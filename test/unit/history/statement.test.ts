import fc from "fast-check";
import type { Asset } from "../../../core/domain/balance.ts";
import type { HistorySource } from "../../../core/domain/history-source.ts";
import { History } from "../../../core/history/history.ts";
import { type Statement, statementOf } from "../../../core/history/statement.ts";
import { comingAndGoing, HOUR, makeFacts } from "../../support/history-facts.ts";
import { statementFiguresOf } from "../../support/history-naive-statement.ts";
import { countingReads, sourceOf } from "../../support/history-table.ts";
import { describe, expect, it } from "../../support/jest.ts";

const FROM = Date.parse("2024-03-29T00:00:00.000Z");
const HOURS = 200;
const made = makeFacts({ seed: 4, from: FROM, hours: HOURS, assets: [12, 4, 2, 2], incidentRate: 3 });
const nth = (hour: number) => FROM + hour * HOUR;
const facts = {
  ...made,
  accounts: made.accounts.map((one, at) =>
    at < 2 ? one : comingAndGoing(one, { attempt: nth(10), start: nth(30), end: nth(120), back: nth(at * 70) }),
  ),
};
/** Hours of periods in which accounts start and end, lack a balance at either end, and have assets with a price at one end only. */
const EXAMPLES = [
  [-5, 50],
  [20, 130],
  [50, 130],
  [60, 70],
  [100, 160],
  [125, 190],
] as const;
const now = facts.to + 2 * HOUR;
const symbols = facts.accounts.flatMap(({ records }) =>
  records.flatMap((record) => (record.status === "complete" ? [...record.holdings.keys()] : [])),
);
const CATALOG = new Map(
  symbols.map((symbol): [string, Asset] => [
    symbol,
    { symbol, type: symbol === "usd" ? "fiat" : "crypto", name: `The ${symbol}`, decimals: symbol === "usd" ? 2 : 18 },
  ]),
);
const source: HistorySource = { ...sourceOf(facts), assets: async () => CATALOG };

async function statementBetween(after: number, at: number, from = source): Promise<Statement> {
  const history = await History.load(from, now);
  return statementOf(history, history.accountIds, { label: "any", after, at, open: false }, "usd");
}

/** Returns assets and accounts in an order that does not depend on their values, and accounts without what facts do not have. */
function comparable({ opening, closing, movement, assets, accounts, gaps }: Statement) {
  return {
    ...{ opening, closing, gaps },
    movement: { ...movement, oneEndOnly: withoutZeros(movement.oneEndOnly) },
    assets: [...assets].sort((a, b) => (a.asset < b.asset ? -1 : 1)),
    accounts: accounts.map(({ accountType, owner, events, ...account }) => ({
      ...account,
      events: events.map(({ event, at }) => ({ event, at })),
    })),
  };
}

/** Returns a decimal without zeros at its end. */
function withoutZeros(decimal: string | null): string | undefined {
  return decimal?.replace(/(\.\d*?)0+$/, "$1").replace(/\.$/, "");
}

/** The last but one slot of the hourly schedule. */
const maxAgeMs = (at: number) => at - (Math.floor(at / HOUR) - 1) * HOUR;

describe("statementOf", () => {
  const moments = fc.integer({ min: -20 * 60, max: HOURS * 60 - 1 }).map((minute) => FROM + minute * 60_000 - 1);
  const periods = fc
    .tuple(moments, moments)
    .filter(([a, b]) => a !== b)
    .map(([a, b]) => ({ after: Math.min(a, b), at: Math.max(a, b) }));

  it("has the figures of any period, whatever starts, ends, is missing or has no price in it", async () => {
    const seen = { states: new Set<string>(), oneEndOnly: false };
    await fc.assert(
      fc.asyncProperty(periods, async ({ after, at }) => {
        const statement = await statementBetween(after, at);

        const expected = statementFiguresOf({ accounts: facts.accounts, after, at, maxAgeMs });
        const assets = [...expected.assets].sort((a, b) => (a.asset < b.asset ? -1 : 1));
        const movement = { ...expected.movement, oneEndOnly: withoutZeros(expected.movement.oneEndOnly) };
        expect(comparable(statement)).toEqual({ ...expected, movement, assets });
        for (const account of statement.accounts) seen.states.add(`${account.opening.state} ${account.closing.state}`);
        seen.oneEndOnly ||= /[1-9]/.test(statement.movement.oneEndOnly ?? "");
      }),
      { numRuns: 12, examples: EXAMPLES.map(([after, at]) => [{ after: nth(after) - 1, at: nth(at) - 1 }]) },
    );
    expect(seen.oneEndOnly).toBe(true);
    expect(seen.states.size).toBeGreaterThanOrEqual(8);
  });

  it("reads the slots of the period once", async () => {
    const { source: counted, reads } = countingReads(source);
    const [after, at] = [nth(50) - 1, nth(100) - 1];

    await statementBetween(after, at, counted);

    const records = facts.accounts.flatMap((one) => one.records.filter(({ slot }) => slot > after && slot <= at));
    // An as-of reads a few records more, and the search for the slot before the period.
    expect(reads()).toBeLessThan(records.length + 12 * facts.accounts.length);
  });
});
