import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import {
  type EmbeddedDynamo,
  embeddedEnvironment,
  LOCAL_TABLE,
  startEmbeddedDynamo,
} from "../../local/dynamodb/embedded-dynamodb.ts";
import { type Ended, runBalances } from "./history-cli.ts";
import { historyDays } from "./history-days.ts";
import { type AccountFacts, HOUR, makeFacts } from "./history-facts.ts";
import { asOfFacts, completeOf, instant, instantOfLocal } from "./history-naive.ts";
import { patientClient, writeFacts } from "./history-table.ts";

// The history that the commands are asked about: three accounts of 31, 100 and 2 assets, hour by hour, across the change of
// the clock in Europe (31 March 2024, an hour is left out) and, from nine days on, in Sydney (7 April, an hour comes twice).

export const DAYS = historyDays(10);
export const FROM = Date.parse("2024-03-29T00:00:00.000Z");
/** As much out of the ordinary in a week as in three. */
export const facts = makeFacts({
  ...{ seed: 20, from: FROM, hours: 24 * DAYS, assets: [31, 100, 2] },
  trouble: Math.max(1, 21 / DAYS),
});
export const ids = facts.accounts.map(({ accountId }) => accountId);
export const ZURICH = "Europe/Zurich";
export const SYDNEY = "Australia/Sydney";

/** The facts of an account by its place: 0 has 31 assets, 1 has 100, 2 has 2. */
export const account = (at: number): AccountFacts => facts.accounts[at] as AccountFacts;

/** A moment at such a share of the history, from 0 to 1, on the hour. */
export const momentAt = (share: number): number => FROM + Math.floor(24 * DAYS * share) * HOUR;

/** The day of that moment, as a bare date. */
export const dayAt = (share: number): string => instant(momentAt(share)).slice(0, 10);

/** A bare date as its first and its last millisecond. */
export function day(text: string, timezone = "UTC"): { start: number; end: number } {
  const next = instant(Date.parse(`${text}T00:00:00Z`) + 24 * HOUR).slice(0, 10);
  const start = instantOfLocal(`${text}T00:00:00.000`, timezone);
  return { start, end: instantOfLocal(`${next}T00:00:00.000`, timezone) - 1 };
}

/** A moment at which no capture is late and no run by hand under way: slots and captures are on the same side of it. */
export function calmMoment(near: number): number {
  const isCalm = (moment: number) =>
    facts.accounts.every(({ records }) =>
      completeOf(records).every(({ slot, capturedAt }) => slot >= moment || capturedAt < moment),
    );
  for (let moment = near; ; moment += HOUR) if (isCalm(moment)) return moment;
}

/** The longest time in which nothing at all was captured. */
export function longestSilence(): { from: number; to: number } {
  const captures = facts.accounts
    .flatMap(({ records }) => completeOf(records).map(({ capturedAt }) => capturedAt))
    .sort((a, b) => a - b);
  return captures
    .slice(1)
    .map((to, at) => ({ from: captures[at] ?? to, to }))
    .reduce((longest, one) => (one.to - one.from > longest.to - longest.from ? one : longest));
}

/** What each account held at a moment; `undefined` where its last snapshot is older than that. */
export function heldAt(at: number, maxAgeMs: number) {
  return facts.accounts.map(({ accountId, records }) => {
    const found = asOfFacts(records, at);
    return { accountId, found: found && at - found.capturedAt <= maxAgeMs ? found : undefined };
  });
}

/** The facts in a table, written as the job writes them. */
export interface HistoryWorld {
  readonly dynamo: EmbeddedDynamo;
  readonly client: DynamoDBClient;
  /** An empty folder. */
  readonly home: string;
  /** Runs the command line on the table, two hours after the facts' last slot. */
  balances(...args: string[]): Promise<Ended>;
  close(): Promise<void>;
}

/** What the commands take for now. */
export const NOW = facts.to + 2 * HOUR;

export async function startHistoryWorld(): Promise<HistoryWorld> {
  const home = mkdtempSync(join(tmpdir(), "history-"));
  const dynamo = await startEmbeddedDynamo();
  const client = patientClient(dynamo.url);
  const startedAt = performance.now();
  const written = await writeFacts(client, LOCAL_TABLE, facts);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  process.stderr.write(`history: ${written} records of three accounts in ${DAYS} days, written in ${seconds} s\n`);
  return {
    dynamo,
    client,
    home,
    balances: (...args) => runBalances([...args, "--table", LOCAL_TABLE], home, embeddedEnvironment(dynamo), NOW),
    close: async () => {
      client.destroy();
      await dynamo.close();
      rmSync(home, { recursive: true });
    },
  };
}
