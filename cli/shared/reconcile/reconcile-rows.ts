import { sum } from "../../../core/domain/amount.ts";
import type { Transfer } from "../../../core/domain/transfer.ts";
import type { Effect } from "../../../core/reconcile/effects.ts";
import type { Line } from "../../../core/reconcile/reconciliation.ts";
import type { AssetSum } from "../../../core/reconcile/sums.ts";
import type { AccountNames } from "../account-names.ts";
import { type Field, fieldsOf } from "../fields.ts";
import type { CommandContext } from "../history-command.ts";
import type { ReconcileTexts } from "./reconcile-document.ts";
import type { ReconcileOutput } from "./reconcile-output.ts";
import { counterpartyOf, effectsIn, instantOf } from "./transfer-text.ts";

const AMOUNTS = { opening: "decimal", in: "decimal", out: "decimal", fees: "decimal" } as const;
const REMAINDERS = { unexplained: "decimal", closing: "decimal" } as const;
const FACTS = { reading: "text", digest: "text" } as const;

/** What all rows of a CSV have. */
type Facts = Pick<ReconcileOutput, "reading" | "digest">;

/** A line, or one transfer of it with `--detail`. */
interface LineRow extends Omit<Line, "transfers" | "undetermined">, AccountNames, Facts {
  /** How many transfers are in the period. */
  readonly transfers: number;
  readonly undetermined: number;
  readonly openingSlot: string;
  readonly openingCapturedAt: string;
  readonly openingCompletedAt: string;
  readonly closingSlot: string;
  readonly closingCapturedAt: string;
  readonly closingCompletedAt: string;
  /** Whether an asset may be missing in the snapshot at one end, or that snapshot does not match its digest. */
  readonly uncertain: string;
  readonly altered: string;
}

interface DetailRow extends LineRow {
  readonly transferId?: string;
  readonly transferCompletedAt?: string | undefined;
  /** `yes`, or `undetermined`. */
  readonly transferCounts?: string;
  readonly transferIn?: string;
  readonly transferOut?: string;
  readonly transferFees?: string;
  readonly counterparty?: string;
}

/** Returns the rows of the lines; with `detail`, one for each transfer of a line, and one for a line without transfers. */
export function lineRows(texts: ReconcileTexts): DetailRow[] {
  const { output, detail } = texts;
  const accounts = new Map(output.accounts.map((account) => [account.accountId, account]));
  return output.lines.flatMap((line): DetailRow[] => {
    const account = accounts.get(line.accountId);
    if (account === undefined) return [];
    const { opening, closing } = account;
    const ends = [opening, closing];
    const row: LineRow = {
      ...line,
      ...{ transfers: line.transfers.length, undetermined: line.undetermined.length },
      ...{ reading: output.reading, digest: output.digest },
      ...{ openingSlot: opening.slot, openingCapturedAt: opening.capturedAt, openingCompletedAt: opening.completedAt },
      ...{ closingSlot: closing.slot, closingCapturedAt: closing.capturedAt, closingCompletedAt: closing.completedAt },
      uncertain: ends.some(({ hidden, unsettled }) => hidden > 0 || unsettled.length > 0) ? "uncertain" : "",
      altered: ends.some(({ altered }) => altered) ? "altered" : "",
    };
    const rowsOf = (ids: readonly string[], transferCounts: string) =>
      ids.map((id) => ({
        ...row,
        ...transferFields(texts.transfers.get(id) as Transfer, line, texts),
        transferCounts,
      }));
    const rows = detail ? [...rowsOf(line.transfers, "yes"), ...rowsOf(line.undetermined, "undetermined")] : [];
    return rows.length === 0 ? [row] : rows;
  });
}

function transferFields(transfer: Transfer, { accountId, asset }: Line, { output, label }: ReconcileTexts) {
  const effects = effectsIn(transfer, accountId, asset, output.reading);
  const amount = (column: Effect["column"]) => {
    const amounts = effects.filter((effect) => effect.column === column).map((effect) => effect.amount);
    const known = amounts.filter((amount) => amount !== null);
    if (known.length < amounts.length) return "unknown";
    return known.length === 0 ? "" : sum(known);
  };
  return {
    ...{ transferId: transfer.transferId, transferCompletedAt: instantOf(transfer.completedAt) },
    ...{ transferIn: amount("in"), transferOut: amount("out"), transferFees: amount("fees") },
    counterparty: counterpartyOf(transfer, accountId, label),
  };
}

/** Returns the columns of the rows of lines. @param detail whether the rows are of transfers */
export function lineFields(context: CommandContext, detail: boolean): Field<DetailRow>[] {
  const of = (kinds: Parameters<typeof fieldsOf<DetailRow>>[0]) => fieldsOf<DetailRow>(kinds, context);
  return [
    ...of({ accountId: "account", asset: "text", state: "text", ...AMOUNTS, ...REMAINDERS }),
    ...of({
      unexplainedWithUndetermined: "decimal",
      unexplainedByOtherReading: "decimal",
      transfers: "count",
      undetermined: "count",
      explainedBy: "text",
    }),
    ...of({ openingSlot: "time", openingCapturedAt: "time", openingCompletedAt: "time" }),
    ...of({ closingSlot: "time", closingCapturedAt: "time", closingCompletedAt: "time" }),
    ...of({ uncertain: "text", altered: "text", ...FACTS }),
    ...(detail
      ? [
          ...of({ transferId: "text", transferCompletedAt: "time", transferCounts: "text" }),
          ...of({ transferIn: "text", transferOut: "text", transferFees: "text", counterparty: "text" }),
        ]
      : []),
  ];
}

/** Returns the rows of the sums over accounts. */
export function sumRows({ output: { sums, reading, digest } }: ReconcileTexts): (AssetSum & Facts)[] {
  return sums.map((sum) => ({ ...sum, reading, digest }));
}

/** Returns the columns of the rows of sums. */
export function sumFields(context: CommandContext): Field<AssetSum & Facts>[] {
  return fieldsOf<AssetSum & Facts>(
    {
      ...{ asset: "text", state: "text", accounts: "count", leftOut: "accounts" },
      ...{ ...AMOUNTS, ...REMAINDERS, unexplainedByOtherReading: "decimal", ...FACTS },
    },
    context,
  );
}
