import { FEE_READINGS, type FeeReading, type LineState } from "../../../core/reconcile/reconciliation.ts";
import type { StatementSection, StatementTable } from "../../../report-page/statement/document.ts";
import { counted } from "../counted.ts";
import { localTime } from "../date-time.ts";
import { shownName } from "../format/shown-name.ts";
import { listed } from "../name-checks.ts";
import { amountColumn, signed } from "../statement/statement-amounts.ts";
import type { ReconcileTexts } from "./reconcile-document.ts";
import { countOf, type ReconcileOutput } from "./reconcile-output.ts";

const STATES: Readonly<Record<LineState, string>> = {
  unexplained: "unexplained",
  unknown: "unknown",
  not_asked: "not asked",
  undetermined: "undetermined",
  explained: "explained",
};

/** What the API does not document, so that no reconciliation can know it. */
const UNKNOWN_NOTE =
  "It is not documented whether a Prime account's trades, rewards and disbursements appear as transfers. If they do not, what they change is unexplained.";

const READINGS: Readonly<Record<FeeReading, string>> = {
  included: "source amounts include the fees in their asset",
  excluded: "source amounts exclude the fees, which are paid in addition",
};

/** Returns sentences that say how many lines are explained. */
export function resultNotes({ lines, accounts }: ReconcileOutput): string[] {
  const states = (Object.keys(STATES) as LineState[]).flatMap((state) => {
    const count = countOf(lines, state);
    return count === 0 ? [] : [`${count} ${STATES[state]}`];
  });
  const what = `${counted(lines.length, "line")} of ${counted(accounts.length, "account")}`;
  if (accounts.length === 0) return ["No account can be reconciled."];
  return [states.length === 0 ? `${what}.` : `${what}: ${listed(states, "and")}.`];
}

/** Returns a table of the unexplained lines, which can be far apart among the others; none if there are none. */
export function unexplainedTables({ output, label }: ReconcileTexts): StatementTable[] {
  const rows = output.lines.flatMap(({ accountId, asset, state, unexplained }) =>
    state === "unexplained" ? [[label(accountId), shownName(asset), signed(unexplained)]] : [],
  );
  const columns = [{ title: "account", kind: "account" as const }, { title: "asset" }, amountColumn("unexplained")];
  return rows.length === 0 ? [] : [{ caption: "Unexplained", columns, rows }];
}

/** Shows where the transfers are from, how fees were read, and what is unknown. */
export function factSections(texts: ReconcileTexts): StatementSection[] {
  return [feesSection(texts), transfersSection(texts), { title: "What is unknown", notes: [UNKNOWN_NOTE] }];
}

function feesSection({ output, result }: ReconcileTexts): StatementSection {
  const { reading, readingIsGiven, unexplainedLines, sums } = output;
  const other = FEE_READINGS.find((one) => one !== reading) ?? reading;
  const left = (one: FeeReading) => counted(unexplainedLines[one], "line");
  const differing = new Set(
    result.lines.flatMap((line) => (line.unexplained === line.unexplainedByOtherReading ? [] : [line.asset])),
  );
  const rows = sums
    .filter(({ asset }) => differing.has(asset))
    .map(({ asset, unexplained, unexplainedByOtherReading }) => {
      const by = { [reading]: unexplained, [other]: unexplainedByOtherReading };
      return [shownName(asset), ...FEE_READINGS.map((one) => signed(by[one] ?? null))];
    });
  const isLess = unexplainedLines[reading] < unexplainedLines[other];
  const chosen = isLess ? "it leaves less" : "the other one does not leave less";
  const why = readingIsGiven ? "The option --fees selects it" : `It was chosen because ${chosen}`;
  const isKnown = result.lines.every(({ unexplained }) => unexplained !== null);
  const known = isKnown ? "" : " of which the remainder is known";
  const notes = [
    `Reading ${reading}: ${READINGS[reading]}. It leaves ${left(reading)} unexplained, and the reading ${other} leaves ${left(other)}.`,
    `${why}. The API does not document which reading is right.`,
  ];
  return {
    title: "Fees",
    notes:
      rows.length > 0
        ? notes
        : [`No line${known} depends on whether source amounts include fees, which the API does not document.`],
    tables: [
      {
        caption: "Unexplained by each reading",
        columns: [{ title: "asset" }, ...FEE_READINGS.map(amountColumn)],
        rows,
      },
    ].filter((table) => table.rows.length > 0),
  };
}

function transfersSection({ output, transfers, timezone }: ReconcileTexts): StatementSection {
  const { reads, digest } = output;
  const time = (instant: string) => localTime(instant, timezone);
  return {
    title: "Transfers",
    notes: [
      ...reads.map(({ key, accountIds, updatedAfter, readAt, denied }) => {
        const whose = `of ${counted(accountIds.length, "account")}${key === null ? "" : ` with the key ${key}`}`;
        return denied
          ? `Not asked: the transfers ${whose}.`
          : `Read ${whose} at ${time(readAt)}: those updated since ${time(updatedAfter)}.`;
      }),
      ...(transfers.size === 0 && reads.some(({ denied }) => !denied)
        ? ["There are none. If that is unexpected, check that the key is that of these accounts."]
        : []),
    ],
    tables: [
      {
        caption: "The transfers, sorted by id",
        columns: [
          { title: "count", kind: "count" },
          { title: "SHA-256", kind: "code", inText: "below" },
        ],
        rows: [[String(transfers.size), digest]],
      },
    ],
  };
}
