import { subtract } from "../../../core/domain/amount.ts";
import type { AssetMovement } from "../../../core/history/statement-movements.ts";
import type { StatementColumn, StatementSection } from "../../../report-page/statement/document.ts";
import { shownName } from "../format/shown-name.ts";
import { amountColumn, ENDS, type End, isCompared, isZero, signed } from "./statement-amounts.ts";
import type { StatementTexts } from "./statement-document.ts";

const NAME: StatementColumn = { title: "name", inText: "optional" };

/** Shows each asset's quantity at both ends, and its change. */
export function quantitiesSection({ statement, label }: StatementTexts): StatementSection {
  const { assets } = statement;
  const hasChange = isCompared(statement);
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
          amountColumn("opening"),
          ...(hasChange ? [amountColumn("change")] : []),
          ...(hasOther ? [amountColumn("other")] : []),
          amountColumn("closing"),
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

/** Shows each asset's value at both ends, and why it changed. */
export function valuesSection({ statement }: StatementTexts): StatementSection {
  const { assets, opening, closing, movement, denomination } = statement;
  const { quantityEffect, priceEffect } = movement;
  const hasEffects = isCompared(statement);
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
          amountColumn("opening"),
          ...(hasEffects ? [amountColumn("quantity effect"), amountColumn("price effect")] : []),
          ...(hasOther ? [amountColumn("other")] : []),
          amountColumn("closing"),
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
        columns: [{ title: "asset" }, NAME, amountColumn("opening"), amountColumn("closing"), amountColumn("change %")],
        rows: priced.map((row) => [
          ...namesOf(row),
          ...[row.openingPrice ?? "", row.closingPrice ?? "", signed(row.pricePercent)],
        ]),
      },
    ],
  };
}

function whyNoAssets({ assets, opening, closing }: StatementTexts["statement"]): string[] {
  if (assets.length > 0) return [];
  return [opening.accounts + closing.accounts === 0 ? "No balance is known." : "The known balances hold no asset."];
}
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

/** Returns the part of a change in value that the effects do not explain. */
function otherValue(opening: string | null, closing: string | null, ...effects: readonly (string | null)[]): string {
  return effects.reduce<string>(
    (rest, effect) => subtract(rest, effect ?? "0"),
    subtract(closing ?? "0", opening ?? "0"),
  );
}
