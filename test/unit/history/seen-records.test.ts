import fc from "fast-check";
import { History } from "../../../core/history/history.ts";
import { SeenRecords } from "../../../core/history/seen-records.ts";
import { EXHAUSTIVE } from "../../support/exhaustive.ts";
import { HOUR, makeFacts, manualOnly } from "../../support/history-facts.ts";
import { evenSteps } from "../../support/history-naive.ts";
import { countingReads, sourceOf } from "../../support/history-table.ts";
import { expect, it } from "../../support/jest.ts";

const FROM = Date.parse("2025-03-28T00:00:00.000Z");
const HOURS = 72;

/** Returns the rows of a stream. */
async function all<Row>(rows: AsyncIterable<Row>): Promise<Row[]> {
  const list: Row[] = [];
  for await (const row of rows) list.push(row);
  return list;
}

it("a series that keeps its records, and the gaps after it, show the same as without, and read each record once", async () => {
  const hour = fc.integer({ min: -3, max: HOURS + 3 });
  const options = fc.record({
    ...{ seed: fc.integer({ min: 1, max: 9 }), step: fc.constantFrom(1, 6, 24), manual: fc.boolean() },
    ...{ series: fc.tuple(hour, hour), gaps: fc.tuple(hour, hour) },
  });
  await fc.assert(
    fc.asyncProperty(options, async ({ seed, step, manual, series, gaps }) => {
      const made = makeFacts({ seed, from: FROM, hours: HOURS, assets: [2], incidentRate: 3 });
      const { source, reads } = countingReads(sourceOf(manual ? manualOnly(made) : made));
      const history = await History.load(source, FROM + HOURS * HOUR);
      const accountId = made.accounts[0]?.accountId ?? "";
      const [from = 0, to = 0, gapsFrom = 0, gapsTo = 0] = [series, gaps].flatMap((hours) =>
        hours.toSorted((a, b) => a - b).map((number) => FROM + number * HOUR),
      );
      const steps = evenSteps(from, to, step * HOUR);
      const range = { from: gapsFrom, to: gapsTo };
      const expected = [await all(history.series(accountId, steps)), await all(history.gaps(accountId, range))];
      const readBefore = reads();

      const seen = new SeenRecords();
      const points = await all(history.series(accountId, steps, seen));
      const readBySeries = reads() - readBefore;
      const found = await all(history.gaps(accountId, range, seen));

      expect([points, found]).toEqual(expected);
      // Only the search for the scheduled slot before the range reads more.
      if (gapsFrom >= from && gapsTo <= (steps.at(-1)?.at ?? 0)) {
        expect(reads() - readBefore - readBySeries).toBeLessThan(manual ? HOURS : 6);
      }
    }),
    { numRuns: EXHAUSTIVE ? 40 : 15 },
  );
});
