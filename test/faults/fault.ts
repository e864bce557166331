import type { FaultWorld } from "./fault-world.ts";
import type { TimerSettings } from "./timers.ts";

/** How the delivery of the event ends. The tests assert this; everything else is observed and documented. */
export type Ending =
  /** The first invocation completes every account. */
  | { readonly how: "whole" }
  /** An invocation fails with this code; Lambda's retry completes the slot. */
  | { readonly how: "recovered"; readonly code: string }
  /** Every invocation fails; the record explains the gap with this code, or with one code for each affected account. */
  | { readonly how: "gap"; readonly codes: readonly string[] }
  /** Every invocation fails with this code and cannot write a record: only the log explains it. */
  | { readonly how: "unrecorded"; readonly code: string }
  /** The function is not invoked. */
  | { readonly how: "nothing" }
  /** Every invocation succeeds and reports that there is no key yet. */
  | { readonly how: "no key" };

/** One fault, one row of docs/faults.md. */
export interface Fault {
  readonly name: string;
  /** Three accounts are affected, one at each page: see `failOnEachPage`. */
  readonly onEachPage?: true;
  readonly timers?: Partial<TimerSettings>;
  /** How many accounts are affected. Default: 1. */
  readonly affected?: number;
  /** Starts the fault. It ends after the event was delivered and all retries have failed. */
  readonly inject?: (world: FaultWorld) => void | Promise<void>;
  /** Default: delivers the schedule's event for the slot. */
  readonly deliver?: (world: FaultWorld) => void | Promise<void>;
  readonly ends: Ending;
  /** Every account ends this way. Default: the affected ones do, and the other account is complete at once. */
  readonly everyAccount?: true;
  /** The slots concerned, each of which ends this way. Default: the 10:00 slot. */
  readonly slots?: readonly string[];
  /** By design, the slot cannot be completed after the fault. Default: a redo completes it. */
  readonly unrecoverable?: true;
  /** The snapshot lists what it may miss: docs/adr/0006. */
  readonly incomplete?: true;
  /** The fault changes a stored snapshot of an earlier slot. */
  readonly changesHistory?: true;
  /** The table starts empty. Default: it has the 09:00 slot. */
  readonly emptyTable?: true;
  /** Asserts what else must be true. */
  readonly check?: (world: FaultWorld) => void | Promise<void>;
}

export interface Group {
  readonly title: string;
  readonly faults: readonly Fault[];
}

export const WHOLE: Ending = { how: "whole" };
export const recovered = (code: string): Ending => ({ how: "recovered", code });
export const gap = (...codes: string[]): Ending => ({ how: "gap", codes });
export const NO_KEY: Ending = { how: "no key" };
export const unrecorded = (code: string): Ending => ({ how: "unrecorded", code });

/** Returns the row's first cell, which is also the test's title. */
export function titleOf({ name, onEachPage }: Fault): string {
  return onEachPage ? `${name}, any page` : name;
}
