import type { Transfer } from "../../../core/domain/transfer.ts";
import { effectsOf } from "../../../core/reconcile/effects.ts";
import { reconcile } from "../../../core/reconcile/reconcile.ts";
import type { Undetermined } from "../../../core/reconcile/reconciliation.ts";
import { expect } from "../../support/jest.ts";
import { negated, sumByBigInt } from "../domain/decimal.ts";
import { type HistoryEvent, instantsOf, type RandomHistory } from "./random-history.ts";

const TOLERANCE = 60_000;

/** With the true reading of fees, each remainder is what was concealed, wherever nothing is undetermined. */
export function expectConcealedRemainders({ ends, listed, reading, concealed }: RandomHistory): void {
  const transfers = listed.map(({ transfer }) => transfer);

  const { lines } = reconcile(ends, transfers, reading);

  for (const { accountId, asset, undetermined, unexplained, state } of lines) {
    if (undetermined.length > 0 || unexplained === null) continue;
    const effect = concealed(accountId, asset);
    expect(unitsOf(unexplained)).toBe(effect);
    expect(state).toBe(effect === 0n ? "explained" : "unexplained");
  }
}

/** With nothing concealed, the chosen reading and the true one leave nothing unexplained. */
export function expectAllExplained({ ends, listed, reading }: RandomHistory): void {
  const transfers = listed.map(({ transfer }) => transfer);

  const chosen = reconcile(ends, transfers);

  expect(chosen.unexplainedLines).toMatchObject({ [chosen.reading]: 0, [reading]: 0 });
  expect(chosen.lines.filter(({ state }) => state === "unexplained")).toEqual([]);
}

/** A transfer is undetermined if, and only if, its execution and completion leave open whether it is in the period. */
export function expectUndetermined({ ends, listed }: RandomHistory): void {
  const expected = ends.flatMap(({ accountId, isAsked, opening, closing }) => {
    const [from, openTo] = [Date.parse(opening.capturedAt) - TOLERANCE, Date.parse(opening.completedAt) + TOLERANCE];
    const [closeFrom, to] = [Date.parse(closing.capturedAt) - TOLERANCE, Date.parse(closing.completedAt) + TOLERANCE];
    return listed.flatMap(({ transfer, event }) => {
      const { first, last, isExact } = spanOf(event);
      const isHere = isAsked && event.status === "completed" && [event.source, event.target].includes(accountId as "a");
      const mayBeInside = last >= from && first <= to;
      const isInside = first > openTo && last < closeFrom;
      if (!isHere || !mayBeInside || isInside) return [];
      const isAtOpening = first <= openTo;
      const walkEnd = isAtOpening ? openTo : to;
      const reason = !isExact ? "no_time" : last <= walkEnd ? "completed_in_walk" : "in_progress";
      return [{ accountId, transfer, end: isAtOpening ? "opening" : "closing", reason } as Undetermined];
    });
  });

  const { undetermined } = reconcile(
    ends,
    listed.map(({ transfer }) => transfer),
  );

  expect([...undetermined].sort(byAccountAndId)).toEqual(expected.sort(byAccountAndId));
}

/** opening + in − out − fees + unexplained = closing, by both readings, and the order of the transfers does not matter. */
export function expectEquation({ ends, listed }: RandomHistory): void {
  const transfers = listed.map(({ transfer }) => transfer);

  const results = [reconcile(ends, transfers, "included"), reconcile(ends, transfers, "excluded")];

  for (const line of results.flatMap(({ lines }) => lines)) {
    const { opening, closing, unexplained, in: received, out, fees } = line;
    if (opening === null || closing === null || unexplained === null) continue;
    const closes = sumByBigInt([opening, received ?? "", negated(out ?? ""), negated(fees ?? ""), unexplained]);
    expect(unitsOf(closes)).toBe(unitsOf(closing));
  }
  expect(results[0]?.lines.map((line) => line.unexplainedByOtherReading)).toEqual(
    results[1]?.lines.map((line) => line.unexplained),
  );
  expect(reconcile(ends, transfers.toReversed())).toEqual(reconcile(ends, transfers));
}

/** The undetermined transfers that are said to explain a line have its remainder as their sum; a line has some if it is undetermined. */
export function expectExplainedBy({ ends, listed, reading }: RandomHistory): void {
  const transfers = new Map(listed.map(({ transfer }) => [transfer.transferId, transfer]));

  const { lines } = reconcile(ends, [...transfers.values()], reading);

  for (const { accountId, asset, state, unexplained, undetermined, explainedBy } of lines) {
    expect(explainedBy.length > 0).toBe(state === "undetermined");
    expect(undetermined).toEqual(expect.arrayContaining([...explainedBy]));
    if (explainedBy.length === 0) continue;
    const effects = explainedBy.flatMap((id) => effectsOf(transfers.get(id) as Transfer, accountId, reading));
    const own = effects.filter((effect) => effect.asset === asset);
    const moved = own.map(({ column, amount }) => (column === "in" ? (amount ?? "") : negated(amount ?? "")));
    expect(unitsOf(sumByBigInt(moved))).toBe(unitsOf(unexplained ?? ""));
  }
}

/** Only a line that the API or a walk leaves open is unknown. */
export function expectKnown({ ends, listed }: RandomHistory): void {
  const { lines, incomplete } = reconcile(
    ends,
    listed.map(({ transfer }) => transfer),
  );

  for (const { accountId, asset, state, opening, closing, transfers, undetermined } of lines) {
    const isIncomplete = incomplete.some(({ transferId }) => [...transfers, ...undetermined].includes(transferId));
    const account = ends.find((of) => of.accountId === accountId);
    if (!account?.isAsked) expect(state).toBe("not_asked");
    else if (opening === null || closing === null) expect(state).toBe("unknown");
    else if (state === "unknown") expect(isIncomplete).toBe(true);
    const isMissed = account?.closing.unsettled.includes(asset) || (account?.closing.hidden ?? 0) > 0;
    if (!isMissed) expect(closing).not.toBeNull();
  }
}

/** Between which instants a transfer moved something, from the times that the API states. */
function spanOf(event: HistoryEvent): { first: number; last: number; isExact: boolean } {
  const { created, executed, completed } = instantsOf(event);
  const isStated = (field: HistoryEvent["omitted"][number]) => !(event.omits && event.omitted.includes(field));
  const first = isStated("executedAt") ? executed : isStated("createdAt") ? created : Number.NEGATIVE_INFINITY;
  const updated = completed + event.updatedAfter * 1_000;
  const last = isStated("completedAt") ? completed : isStated("updatedAt") ? updated : Number.POSITIVE_INFINITY;
  return { first, last, isExact: isStated("completedAt") };
}

/** Returns a decimal string in units of 0.000000001. */
function unitsOf(decimal: string): bigint {
  const [whole = "", fraction = ""] = decimal.split(".");
  if (fraction.length > 9) throw new Error(`more digits than any amount has: ${decimal}`);
  return BigInt(whole + fraction.padEnd(9, "0"));
}

function byAccountAndId(a: Undetermined, b: Undetermined): number {
  return `${a.accountId} ${a.transfer.transferId}` < `${b.accountId} ${b.transfer.transferId}` ? -1 : 1;
}
