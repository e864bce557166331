import { percent, subtract } from "../../../core/domain/amount.ts";
import type { SumsTotal } from "../../../core/history/asset-sums.ts";
import type { StatementEnd } from "../../../core/history/statement-accounts.ts";
import type { StatementSection } from "../../../report-page/statement/document.ts";
import { localTime } from "../date-time.ts";
import { shownName } from "../format/shown-name.ts";
import { amountColumn, ENDS, type End, isCompared, isZero, signed } from "./statement-amounts.ts";
import type { StatementTexts } from "./statement-document.ts";

/** Shows how the opening value becomes the closing value. */
export function summarySection({ statement }: StatementTexts): StatementSection {
  const { opening, closing, movement, accounts, denomination, timezone } = statement;
  const { change, quantityEffect, priceEffect, oneEndOnly, leftValue, joinedValue } = movement;
  const coverage = (end: End, of: SumsTotal) =>
    of.accounts === 0
      ? `The ${end} value is unknown, not zero: no account has a balance then.`
      : `The ${end} value covers ${of.covers} of ${of.of} assets in ${of.accounts} of ${of.accountsOf} accounts.`;
  const valueText = ({ accounts, value }: SumsTotal) => (accounts === 0 ? "unknown" : (value ?? ""));
  const isKnownOnlyAt = (end: End) =>
    accounts.some(
      (account) => account[end].state === "known" && ENDS.some((other) => account[other].state !== "known"),
    );
  const row = (isShown: boolean, item: string, value: string | null) => (isShown ? [[item, signed(value)]] : []);
  const changed = change === null || opening.value === null ? undefined : percent(change, opening.value);
  return {
    title: "Summary",
    notes: [
      `Opening at ${localTime(statement.openingAt, timezone)}, closing at ${localTime(statement.closingAt, timezone)}.`,
      coverage("opening", opening),
      coverage("closing", closing),
      ...(change === null
        ? []
        : [
            `Change in value: ${signed(change)} ${shownName(denomination)}${changed ? ` (${signed(changed)} %)` : ""}.`,
          ]),
      ...(isCompared(statement)
        ? [
            "The quantity effect is each asset's change in quantity × its opening price, rounded. The price effect is the rest, so that the rows add up exactly.",
          ]
        : []),
    ],
    tables: [
      {
        columns: [{ title: "item" }, amountColumn(shownName(denomination))],
        rows: [
          ["Opening value", valueText(opening)],
          ...row(isCompared(statement), "Quantity effect", quantityEffect),
          ...row(isCompared(statement), "Price effect", priceEffect),
          ...row(!isZero(oneEndOnly), "Assets with a value at one end only", oneEndOnly),
          ...row(isKnownOnlyAt("opening"), "Accounts without a closing balance", leftValue && subtract("0", leftValue)),
          ...row(isKnownOnlyAt("closing"), "Accounts without an opening balance", joinedValue),
        ],
        total: ["Closing value", valueText(closing)],
      },
    ],
  };
}

/** Shows each account's value at both ends, and when accounts start and end. */
export function accountsSection({ statement, label }: StatementTexts): StatementSection {
  const { accounts, opening, closing, movement, denomination, timezone } = statement;
  const accountValue = ({ state, value }: StatementEnd) => (state === "known" ? (value ?? "no price") : UNKNOWN[state]);
  const changeOf = (from: string | null, to: string | null) =>
    from === null || to === null ? "" : signed(subtract(to, from));
  return {
    title: `Values by account, in ${shownName(denomination)}`,
    notes: accounts.flatMap(({ accountId, events }) =>
      events.map(({ event, at, reason }) => {
        const happened = `${label(accountId)} ${event === "start" ? "starts" : "ends"} at ${localTime(at, timezone)}`;
        return `${happened}${reason === null ? "." : `: ${shownName(reason)}`}`;
      }),
    ),
    tables: [
      {
        columns: [
          { title: "account", kind: "account" },
          { title: "id", kind: "code", inText: "below" },
          amountColumn("opening"),
          amountColumn("change"),
          amountColumn("closing"),
        ],
        rows: accounts.map(({ accountId, ...ends }) => [
          ...[label(accountId), shownName(accountId)],
          accountValue(ends.opening),
          changeOf(ends.opening.value, ends.closing.value),
          accountValue(ends.closing),
        ]),
        total: ["total", "", opening.value ?? "", signed(movement.change), closing.value ?? ""],
      },
    ],
  };
}

const UNKNOWN = { inactive: "unknown", missing: "missing" } as const;
