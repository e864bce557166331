import type { Transfer } from "../domain/transfer.ts";
import { type Effect, effectsOf } from "./effects.ts";
import { type AssetEffects, lineOf } from "./line.ts";
import { type EndWalks, endWalks, placementOf, type TransferTimes } from "./placement.ts";
import type { AccountEnds, FeeReading, Line, Undetermined } from "./reconciliation.ts";

/** The transfers of an account that are in the period or may be, and the lines that they make. */
export class AccountLines {
  readonly #ends: AccountEnds;
  readonly #walks: EndWalks;
  readonly #assets: Set<string>;
  readonly #counted: Transfer[] = [];
  readonly #undetermined: Undetermined[] = [];

  constructor(ends: AccountEnds) {
    this.#ends = ends;
    this.#walks = endWalks(ends);
    this.#assets = new Set([ends.opening, ends.closing].flatMap((end) => [...end.balances.keys(), ...end.unsettled]));
  }

  get undetermined(): readonly Undetermined[] {
    return this.#undetermined;
  }

  /** Adds a completed transfer of this account. Returns false if it may be in the period, and lacks an amount or asset. */
  add(transfer: Transfer, times: TransferTimes): boolean {
    const { accountId, isAsked } = this.#ends;
    const placement = isAsked ? placementOf(times, this.#walks) : "outside";
    if (placement === "outside") return true;
    if (placement === "inside") this.#counted.push(transfer);
    else this.#undetermined.push({ accountId, transfer, ...placement });
    // Both readings of fees concern the same assets, and need the same amounts.
    const effects = effectsOf(transfer, accountId, "included");
    for (const { asset } of effects) if (asset !== null) this.#assets.add(asset);
    return effects.every(({ amount }) => amount !== null);
  }

  /** Returns the lines by a reading of fees, by asset. */
  lines(reading: FeeReading): Omit<Line, "unexplainedByOtherReading">[] {
    const counted = this.#byAsset(this.#counted, reading);
    const undetermined = this.#byAsset(
      this.#undetermined.map(({ transfer }) => transfer),
      reading,
    );
    return [...this.#assets]
      .sort()
      .map((asset) => lineOf(this.#ends, asset, counted.get(asset) ?? [], undetermined.get(asset) ?? []));
  }

  #byAsset(transfers: readonly Transfer[], reading: FeeReading): Map<string, AssetEffects[]> {
    const found = new Map<string, { transferId: string; effects: Effect[] }[]>();
    for (const transfer of transfers) {
      for (const effect of effectsOf(transfer, this.#ends.accountId, reading)) {
        for (const asset of effect.asset === null ? this.#assets : [effect.asset]) {
          const effects = found.get(asset) ?? [];
          found.set(asset, effects);
          const last = effects.at(-1);
          if (last?.transferId === transfer.transferId) last.effects.push(effect);
          else effects.push({ transferId: transfer.transferId, effects: [effect] });
        }
      }
    }
    return found;
  }
}
