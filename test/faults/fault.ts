import type { Pace } from "./timers.ts";
import type { World } from "./world.ts";

/** How a delivery of the event ends, which is asserted; what it does on the way is written down. */
export type Ending =
  /** The first invocation completes every account. */
  | { readonly how: "whole" }
  /** An invocation fails with that code, and explains it; Lambda's own retry completes the slot. */
  | { readonly how: "mended"; readonly code: string }
  /** Every invocation fails; the record explains the gap with that code. */
  | { readonly how: "gap"; readonly code: string }
  /** Every invocation fails with that code, and not even a record can be written: the log says it. */
  | { readonly how: "unrecorded"; readonly code: string }
  /** The function is not even invoked. */
  | { readonly how: "nothing" };

/** One fault: one row of docs/faults.md, or several that end alike. */
export interface Fault {
  readonly name: string;
  /** There are three struck accounts, one for each page: see `misbehaveOnEachPage`. */
  readonly onEachPage?: true;
  /** How time goes meanwhile. */
  readonly pace?: Partial<Pace>;
  /** How many accounts are struck. Default: 1. */
  readonly struck?: number;
  /** Starts the trouble. It is over when the event was delivered and all its retries have failed. */
  readonly begin?: (world: World) => void | Promise<void>;
  /** Default: the schedule's event for the slot is delivered. */
  readonly deliver?: (world: World) => void | Promise<void>;
  readonly ends: Ending;
  /** It ends so for every account. Default: for `struck` alone, and `other` is complete at once. */
  readonly forAll?: true;
  /** The slots that it is about, each of which ends so. Default: the one of ten o'clock. */
  readonly slots?: readonly string[];
  /** After the fault the slot can no longer be had, by design. Default: a redo completes it. */
  readonly lost?: true;
  /** The snapshot is one that says of itself that it misses something: docs/adr/0006. */
  readonly incomplete?: true;
  /** It is about a snapshot of the past that is not as it was written. */
  readonly spoilsThePast?: true;
  /** The table is empty before. Default: it has the slot of nine o'clock. */
  readonly fresh?: true;
  /** What has to be true besides. */
  readonly check?: (world: World) => void | Promise<void>;
}

export interface Group {
  readonly title: string;
  /** What a reader has to know of it. */
  readonly text?: string;
  readonly faults: readonly Fault[];
}

export const WHOLE: Ending = { how: "whole" };
export const mended = (code: string): Ending => ({ how: "mended", code });
export const gap = (code: string): Ending => ({ how: "gap", code });
export const unrecorded = (code: string): Ending => ({ how: "unrecorded", code });

/** What the first column says. */
export function nameOf({ name, onEachPage }: Fault): string {
  return onEachPage ? `${name}, on the first, a middle or the last page` : name;
}
