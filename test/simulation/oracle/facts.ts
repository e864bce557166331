import type { DailySchedule } from "./slots.ts";
import type { TrueAccount } from "./truth.ts";

// What really happened, as the world recorded it. The oracle knows nothing else of the job. Times are milliseconds since
// 1970 by the true clock, unless it says otherwise.

/** The configuration with which the function is deployed. */
export interface Configuration {
  readonly schedule: DailySchedule;
  readonly latenessMs: number;
  readonly pageSize: number;
  /** The configured accounts; `undefined`: all that the API lists. */
  readonly accountIds: readonly string[] | undefined;
}

/** Something that is wrong in the world for a time. */
export interface Disturbance {
  readonly kind: DisturbanceKind;
  readonly from: number;
  readonly to: number;
  /** Only this account is affected. Default: every request. */
  readonly accountId?: string;
  /** With `clock`: how far the function's clock is ahead, in milliseconds. */
  readonly errorMs?: number;
}

export type DisturbanceKind =
  /** The API answers 503, or a proxy's HTML. */
  | "outage"
  /** The API answers 429 with the right Retry-After. */
  | "throttled"
  /** The API answers 403. */
  | "forbidden"
  /** The API answers pages in which a balance has no amount. */
  | "malformed"
  /** The API never answers. */
  | "hang"
  /** Connections are reset. */
  | "reset"
  /** Every answer takes seconds. */
  | "slow"
  /** The API's list of accounts leaves out the account. */
  | "unlisted"
  /** The API accepts only a key that the secret does not have yet. */
  | "key"
  /** The function's clock is wrong. */
  | "clock";

/** How one invocation of the function went. */
export interface RunFact {
  /** Counted from 0 in the order of the starts. */
  readonly run: number;
  /** The event's scheduled time; `undefined` for an empty event, whose slot is the function's time. */
  readonly scheduledTime?: number;
  readonly configuration: Configuration;
  readonly from: number;
  readonly to: number;
  /** The process was killed. */
  readonly died: boolean;
  /** What the handler returned. */
  readonly result?: unknown;
  /** What the handler threw. */
  readonly error?: { readonly name: string; readonly message: string };
  /** What the function wrote to stdout and stderr. */
  readonly output: string;
}

/** A write that the table accepted, as the world saw it on the wire, and the runs that were active. */
export type WriteFact = { readonly at: number; readonly runs: readonly number[] } & Write;

export type Write =
  | { readonly kind: "complete"; readonly accountId: string; readonly slot: string; readonly trigger: string }
  | {
      readonly kind: "failed";
      readonly accountId: string;
      readonly slot: string;
      readonly trigger: string;
      readonly code: string;
    }
  /** A run that failed before it reached any account. */
  | {
      readonly kind: "failedRun";
      readonly slot: string;
      readonly trigger: string;
      readonly code: string;
      /** All accounts, some, or those of which the ids follow each other, from the smallest on again after the greatest. */
      readonly scope: string | readonly string[] | { readonly first: string; readonly last: string };
    }
  | {
      readonly kind: "account";
      readonly accountId: string;
      readonly event: string;
      readonly slot: string;
      /** The instant from which it counts. */
      readonly since: string;
      /** The name of the account since then; `undefined`: the event does not say. */
      readonly name?: string;
    }
  /** A run starts to refresh the names of accounts, at this instant of the function's clock. */
  | { readonly kind: "names"; readonly refreshedAt: string }
  | {
      readonly kind: "schedule";
      readonly expression: string;
      readonly timezone: string;
      readonly latenessMs: number;
      readonly since: string;
    };

export interface Facts {
  readonly seed: string;
  readonly accounts: readonly TrueAccount[];
  readonly disturbances: readonly Disturbance[];
  /** In the order of their ends. */
  readonly runs: RunFact[];
  /** In order. */
  readonly writes: WriteFact[];
}

/** Returns the writes of a kind, in order. */
export function writesOf<Kind extends Write["kind"]>(
  { writes }: Facts,
  kind: Kind,
): (WriteFact & Extract<Write, { kind: Kind }>)[] {
  return writes.filter((write): write is WriteFact & Extract<Write, { kind: Kind }> => write.kind === kind);
}
