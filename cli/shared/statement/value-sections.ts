import Big from "big.js";
import { percent, subtract } from "../../../core/domain/amount.ts";
import type { SumsTotal } from "../../../core/history/asset-sums.ts";
import type { StatementEnd } from "../../../core/history/statement-accounts.ts";
import type { AssetMovement } from "../../../core/history/statement-movements.ts";
import type { StatementColumn, StatementSection } from "../../../report-page/statement/document.ts";
import { localTime } from "../date-time.ts";
import { shownName } from "../format/shown-name.ts";
import type { StatementTexts } from "./statement-document.ts";

const ENDS = ["opening", "closing"] as const;
type End = (typeof ENDS)[number];

const amount = (title: string): StatementColumn => ({ title, kind: "amount" });
const NAME: StatementColumn = { title: "name", inText: "none" };

/** Shows how the opening value becomes the closing value. */
export function summarySection({ statement }: StatementTexts): StatementSection {
  const { opening, closing, movement, accounts, denomination, timezone } = statement;
  const { change, quantityEffect, priceEffect, unsplit, left, joined } = movement;
  const covers = (of: SumsTotal) => `${of.covers} of ${of.of} assets in ${of.accounts} of ${of.accountsOf} accounts`;
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
      `The opening value covers ${covers(opening)}, the closing value ${covers(closing)}.`,
      ...(change === null
        ? []
        : [
            `Change in value: ${signed(change)} ${shownName(denomination)}${changed ? ` (${signed(changed)} %)` : ""}.`,
          ]),
      "The quantity effect is each asset's change in quantity × its opening price, rounded. The price effect is the rest, so that the rows add up exactly.",
    ],
    tables: [
      {
        columns: [{ title: "item" }, amount(shownName(denomination))],
        rows: [
          ["Opening value", opening.value ?? ""],
          ...row(quantityEffect !== null, "Quantity effect", quantityEffect),
          ...row(priceEffect !== null, "Price effect", priceEffect),
          ...row(!isZero(unsplit), "Assets with a value at one end only", unsplit),
          ...row(isKnownOnlyAt("opening"), "Accounts without a closing balance", left && subtract("0", left)),
          ...row(isKnownOnlyAt("closing"), "Accounts without an opening balance", joined),
        ],
        total: ["Closing value", closing.value ?? ""],
      },
    ],
  };
}

export function quantitiesSection({ statement, label }: StatementTexts): StatementSection {
  const { assets, movement } = statement;
  const hasChange = movement.quantityEffect !== null;
  const hasOther = assets.some(({ quantityOther }) => !isZero(quantityOther));
  const unsettled = (end: End) =>
    assets.flatMap((row) => {
      const accounts = row[`${end}Unsettled`];
      return accounts.length === 0 ? [] : [`${shownName(row.asset)} (${accounts.map(label).join(", ")})`];
    });
  return {
    title: "Quantities by asset",
    notes: [
      ...whyNoAssets(statement),
      ...(hasOther
        ? ["other: of accounts with a balance at one end only, and of assets that are unsettled at an end."]
        : []),
      ...ENDS.flatMap((end) => {
        const found = unsettled(end);
        return found.length === 0
          ? []
          : [`Unsettled at the ${end}, so that it is unknown whether it was held: ${found.join(", ")}.`];
      }),
    ],
    tables: [
      {
        columns: [
          { title: "asset" },
          amount("opening"),
          ...(hasChange ? [amount("change")] : []),
          ...(hasOther ? [amount("other")] : []),
          amount("closing"),
        ],
        rows: assets.map((row) => [
          shownName(row.asset),
          quantityAt(row, "opening", statement),
          ...(hasChange ? [signed(row.quantityChange)] : []),
          ...(hasOther ? [signed(row.quantityOther)] : []),
          quantityAt(row, "closing", statement),
        ]),
      },
    ],
  };
}

export function valuesSection({ statement }: StatementTexts): StatementSection {
  const { assets, opening, closing, movement, denomination } = statement;
  const { quantityEffect, priceEffect } = movement;
  const hasEffects = quantityEffect !== null;
  const other = otherValue(opening.value, closing.value, quantityEffect, priceEffect);
  const hasOther = !isZero(other) || assets.some(({ valueOther }) => !isZero(valueOther));
  const unpriced = (end: End) =>
    assets.flatMap((row) => {
      const [covers, of] = [row[`${end}Covers`], row[`${end}Of`] - row[`${end}Unsettled`].length];
      if (covers === of) return [];
      return [`${shownName(row.asset)}${covers === 0 ? "" : ` (in ${of - covers} of ${of} accounts)`}`];
    });
  return {
    title: `Values by asset, in ${shownName(denomination)}`,
    notes: [
      ...whyNoAssets(statement),
      ...(hasOther
        ? ["other: of accounts with a balance at one end only, and of assets with a value at one end only."]
        : []),
      ...ENDS.flatMap((end) => {
        const found = unpriced(end);
        return found.length === 0
          ? []
          : [`Without a price at the ${end}, so that the value is unknown, not zero: ${found.join(", ")}.`];
      }),
    ],
    tables: [
      {
        columns: [
          { title: "asset" },
          NAME,
          amount("opening"),
          ...(hasEffects ? [amount("quantity effect"), amount("price effect")] : []),
          ...(hasOther ? [amount("other")] : []),
          amount("closing"),
        ],
        rows: assets.map((row) => [
          ...namesOf(row),
          valueAt(row, "opening", statement),
          ...(hasEffects ? [signed(row.quantityEffect), signed(row.priceEffect)] : []),
          ...(hasOther ? [signed(row.valueOther)] : []),
          valueAt(row, "closing", statement),
        ]),
        total: [
          ...["total", ""],
          opening.value ?? "",
          ...(hasEffects ? [signed(quantityEffect), signed(priceEffect)] : []),
          ...(hasOther ? [signed(other)] : []),
          closing.value ?? "",
        ],
      },
    ],
  };
}

/** Shows the prices that the values contain: the API returns none. */
export function pricesSection({ statement: { assets, denomination } }: StatementTexts): StatementSection {
  const priced = assets.filter(({ openingPrice, closingPrice }) => openingPrice !== null || closingPrice !== null);
  return {
    title: `Prices, in ${shownName(denomination)}`,
    notes: [
      priced.length === 0
        ? "No price is known."
        : "Derived: value ÷ quantity, rounded to eight significant digits. The change is rounded to two decimals.",
    ],
    tables: [
      {
        columns: [{ title: "asset" }, NAME, amount("opening"), amount("closing"), amount("change %")],
        rows: priced.map((row) => [
          ...namesOf(row),
          ...[row.openingPrice ?? "", row.closingPrice ?? "", signed(row.pricePercent)],
        ]),
      },
    ],
  };
}

export function accountsSection({ statement, label }: StatementTexts): StatementSection {
  const { accounts, opening, closing, movement, denomination, timezone } = statement;
  const valueText = ({ state, value }: StatementEnd) => (state === "known" ? (value ?? "no price") : UNKNOWN[state]);
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
          amount("opening"),
          amount("change"),
          amount("closing"),
        ],
        rows: accounts.map(({ accountId, ...ends }) => [
          ...[label(accountId), shownName(accountId)],
          valueText(ends.opening),
          changeOf(ends.opening.value, ends.closing.value),
          valueText(ends.closing),
        ]),
        total: ["total", "", opening.value ?? "", signed(movement.change), closing.value ?? ""],
      },
    ],
  };
}

function whyNoAssets({ assets, opening, closing }: StatementTexts["statement"]): string[] {
  if (assets.length > 0) return [];
  return [opening.accounts + closing.accounts === 0 ? "No balance is known." : "The known balances hold no asset."];
}

const UNKNOWN = { inactive: "unknown", missing: "missing" } as const;

function namesOf({ asset, name }: AssetMovement): string[] {
  return [shownName(asset), name === null ? "" : shownName(name)];
}

function quantityAt(row: AssetMovement, end: End, statement: StatementTexts["statement"]): string {
  return row[`${end}Quantity`] ?? whyUnknown(row, end, statement) ?? "";
}

function valueAt(row: AssetMovement, end: End, statement: StatementTexts["statement"]): string {
  return row[`${end}Value`] ?? whyUnknown(row, end, statement) ?? "no price";
}

/** Returns why an asset has no quantity at an end; `undefined`: it has one. */
function whyUnknown(row: AssetMovement, end: End, statement: StatementTexts["statement"]): string | undefined {
  if (row[`${end}Quantity`] !== null) return undefined;
  if (statement[end].accounts === 0) return "unknown";
  return row[`${end}Of`] > 0 ? "unsettled" : "not held";
}

function otherValue(opening: string | null, closing: string | null, ...effects: readonly (string | null)[]): string {
  return effects.reduce<string>(
    (rest, effect) => subtract(rest, effect ?? "0"),
    subtract(closing ?? "0", opening ?? "0"),
  );
}

/** Returns a change with its sign; empty if it is unknown. */
function signed(change: string | null): string {
  if (change === null || change === "") return "";
  if (isZero(change)) return "0";
  return change.startsWith("-") ? change : `+${change}`;
}

function isZero(change: string | null): boolean {
  return new Big(change ?? "0").eq(0);
}
