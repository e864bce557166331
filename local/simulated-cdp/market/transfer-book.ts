import type { WireParty, WireTransfer } from "../wire.ts";
import { formatAmount } from "./assets.ts";
import { sumOf } from "./fees.ts";
import type { Change, Movement } from "./movements.ts";
import { accountParty, onchainTransaction, outsideSource, outsideTarget } from "./parties.ts";
import { onceIn, type RandomInteger, randomUuid } from "./random.ts";
import { timesBetween } from "./transfer-times.ts";

/** What the API lists of the transfers, and how. */
export interface ListingOptions {
  /** Whether `sourceAmount` includes the fees in the source asset, which the API does not document. Default: true. */
  readonly sourceAmountIncludesFees?: boolean;
  /** The share of the completed transfers that the API does not list, from 0 to 1. Default: 0. */
  readonly concealedShare?: number;
}

/** The ticks between which something happened, in milliseconds since 1970. */
export interface Interval {
  readonly previous: number;
  readonly at: number;
}

/** The fields that a transfer has before it is executed. */
type Agreed = Omit<WireTransfer, "status" | "updatedAt">;

const UNFINISHED = ["quoted", "processing", "failed"] as const;
type Unfinished = (typeof UNFINISHED)[number];

const RATE_DIGITS = 12;
/** How long a quote can be executed. */
const QUOTE_MS = 10 * 60_000;

/** The transfers of a market, in the order of the ticks. */
export class TransferBook {
  readonly listed: WireTransfer[] = [];
  readonly concealed: WireTransfer[] = [];
  readonly #random: RandomInteger;
  readonly #includesFees: boolean;
  readonly #concealedShare: number;
  #unfinished = 0;

  constructor(random: RandomInteger, { sourceAmountIncludesFees = true, concealedShare = 0 }: ListingOptions) {
    this.#random = random;
    this.#includesFees = sourceAmountIncludesFees;
    this.#concealedShare = concealedShare;
  }

  /** Adds a completed transfer for each movement. */
  addCompleted(movements: readonly Movement[], { previous, at }: Interval): void {
    for (const movement of movements) {
      const times = timesBetween(previous, at, this.#random);
      const { executed, completed, updated } = times;
      const transfer = this.#transferOf(movement, times.created);
      const isConcealed = this.#random(0, 999_999) < this.#concealedShare * 1_000_000;
      (isConcealed ? this.concealed : this.listed).push({
        ...transfer,
        status: "completed",
        executedAt: iso(executed),
        completedAt: iso(completed),
        updatedAt: iso(updated),
      });
    }
  }

  /** Once in 40 times, adds a transfer that moves nothing: it is quoted, processing, or has failed. */
  addUnfinished(changes: readonly Change[], { previous, at }: Interval): void {
    const change = onceIn(40, this.#random) ? changes[this.#random(0, changes.length - 1)] : undefined;
    if (change === undefined) return;
    const { accountId, asset } = change;
    const { created, executed } = timesBetween(previous, at, this.#random);
    const amount = change.by.abs();
    const assets = { sourceAsset: asset, targetAsset: asset };
    const movement = { from: accountId, to: undefined, ...assets, paid: amount, received: amount, fees: [] };
    const status = UNFINISHED[this.#unfinished++ % UNFINISHED.length] as Unfinished;
    this.listed.push(unfinishedTransfer(status, this.#transferOf(movement, created), created, executed));
  }

  #transferOf(movement: Movement, created: number): Agreed {
    const { from, to, sourceAsset, targetAsset, paid, received, fees } = movement;
    const random = this.#random;
    const source = from === undefined ? outsideSource(sourceAsset, created, random) : accountParty(from, sourceAsset);
    const target = to === undefined ? outsideTarget(targetAsset, random) : accountParty(to, targetAsset);
    const withoutFees = paid.minus(sumOf(fees.filter(({ asset }) => asset === sourceAsset)));
    const symbols = { sourceAsset: sourceAsset.symbol, targetAsset: targetAsset.symbol };
    return {
      transferId: `transfer_${randomUuid(random)}`,
      ...{ source, target, ...symbols },
      sourceAmount: formatAmount(sourceAsset, this.#includesFees ? paid : withoutFees),
      targetAmount: formatAmount(targetAsset, received),
      ...(sourceAsset !== targetAsset && {
        exchangeRate: { ...symbols, rate: received.div(withoutFees).prec(RATE_DIGITS).toFixed() },
      }),
      fees: fees.map(({ type, amount, asset }) => ({ type, amount: formatAmount(asset, amount), asset: asset.symbol })),
      createdAt: iso(created),
      ...detailsOf([source, target], random),
    };
  }
}

function unfinishedTransfer(status: Unfinished, transfer: Agreed, created: number, executed: number): WireTransfer {
  const { targetAmount: _, fees: __, details: ___, ...quote } = transfer;
  const executedAt = iso(executed);
  switch (status) {
    case "quoted":
      return { ...quote, status, updatedAt: iso(created), expiresAt: iso(created + QUOTE_MS) };
    case "processing":
      return { ...transfer, status, executedAt, updatedAt: executedAt };
    default:
      return {
        ...transfer,
        status: "failed",
        executedAt,
        updatedAt: executedAt,
        failureReason: "Insufficient balance.",
      };
  }
}

function detailsOf(parties: readonly WireParty[], random: RandomInteger): Pick<WireTransfer, "details"> {
  const transaction = onchainTransaction(parties, random);
  return transaction === undefined ? {} : { details: { onchainTransactions: [transaction] } };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
