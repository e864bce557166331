import type { Slot } from "./slot.ts";

/** How the API describes an account. A field that is `undefined` is unknown, because the API sent none, or a malformed one. */
export interface AccountDescription {
  readonly accountId: string;
  /** Empty if the API states that the account has no name. */
  readonly name?: string | undefined;
  /** `prime`, `business` or `cdp`; the API may add more. */
  readonly type?: string | undefined;
  /** The owner's id, which begins with its kind: `entity_…` or `customer_…`. */
  readonly owner?: string | undefined;
  /**
   * The name of the API key that serves the account. `undefined`: the only key, which has no name, or unknown. Empty, in what is
   * to be registered, if the key has no name.
   */
  readonly key?: string | undefined;
  /**
   * The slot from which on no key serves the account: the API did not list it any more for its key, and no other key has taken it
   * over yet.
   */
  readonly noKeySince?: Slot | undefined;
}

type Description = Omit<AccountDescription, "accountId">;

/** A description, and since when it is known. `name` is `undefined` if the account has no name, as `key` if the key has none. */
export interface DescriptionVersion extends Description {
  /** Milliseconds since 1970. */
  readonly from: number;
}

/**
 * A change in whether an account counts. `pending`: a run tried to take its first snapshot and failed. `start`: it has a
 * complete snapshot. `end`: its absence is no longer a gap. `described`: its name, type, owner or key is new.
 */
export interface AccountEvent extends AccountDescription {
  readonly event: "pending" | "start" | "end" | "described";
  readonly slot: Slot;
  /**
   * The instant from which the event applies, in the format of a slot: for a start, when its snapshot was completed; for an
   * end or a description, when it was registered.
   */
  readonly at: string;
  /** Why the account ended. */
  readonly reason?: string | undefined;
}

/** A time in which an account counts. */
export interface ActivePeriod {
  /** The slot of its first complete snapshot. */
  readonly since: Slot;
  /** When that snapshot was completed: nothing is known about an earlier time. Milliseconds since 1970. */
  readonly from: number;
  /** The slot with which it ended; `undefined`: it is active. */
  readonly until?: Slot;
  /** When it ended: later than `until` if that run was late. Answers for times in between had included it. As `from`. */
  readonly to?: number;
  readonly reason?: string | undefined;
}

/** When an account counts. */
export interface AccountActivity {
  /** Ascending. Empty if the account never had a complete snapshot. */
  readonly periods: readonly ActivePeriod[];
  /** The slot of the first failed attempt since it last ended, or ever; `undefined`: it is active, or has ended. */
  readonly pendingSince?: Slot | undefined;
  /** Ascending; absent if the account was never described. */
  readonly descriptions?: readonly DescriptionVersion[];
}

export type AccountActivities = ReadonlyMap<string, AccountActivity>;

/**
 * Returns when each account counts, by id.
 * @param events each account's in the order of their slots; an end precedes a start with the same slot. An event that
 * changes nothing, such as a second end, is ignored.
 */
export function activitiesOf(events: Iterable<AccountEvent>): Map<string, AccountActivity> {
  const activities = new Map<string, AccountActivity>();
  for (const event of events) {
    activities.set(event.accountId, activityAfter(activities.get(event.accountId) ?? { periods: [] }, event));
  }
  return activities;
}

/** Returns an account's activity after an event. */
export function activityAfter(activity: AccountActivity, event: AccountEvent): AccountActivity {
  const { descriptions: _, ...counts } = countsAfter(activity, event);
  const descriptions = descriptionsAfter(activity, event);
  return { ...counts, ...(descriptions.length > 0 && { descriptions }) };
}

function countsAfter(activity: AccountActivity, { event, slot, at, reason }: AccountEvent): AccountActivity {
  const { periods, pendingSince } = activity;
  if (event === "described") return activity;
  if (event === "start") {
    if (isActive(activity)) return activity;
    const last = periods.at(-1);
    // It counts in the slot with which it ended, so it has not ended: another key has taken its snapshot.
    if (last?.until === slot) return { periods: [...periods.slice(0, -1), { since: last.since, from: last.from }] };
    return { periods: [...periods, { since: slot, from: Date.parse(at) }] };
  }
  if (event === "pending") return isActive(activity) ? activity : { periods, pendingSince: pendingSince ?? slot };
  const last = periods.at(-1);
  if (last === undefined || last.until !== undefined) return { periods };
  return { periods: [...periods.slice(0, -1), { ...last, until: slot, to: Date.parse(at), reason }] };
}

function descriptionsAfter(activity: AccountActivity, event: AccountEvent): readonly DescriptionVersion[] {
  const { descriptions = [] } = activity;
  const from = Date.parse(event.at);
  if (!isNewDescription(descriptionAt(activity, from), event)) return descriptions;
  const { name, type, owner, key, noKeySince } = event;
  // The start of a late slot can be registered after a description with a later slot.
  return [...descriptions, { name, type, owner, key, noKeySince, from }].sort((a, b) => a.from - b.from);
}

/** Returns a description with the last known value of each field that is unknown: unknown is not none. */
export function completeDescription(last: Description, given: Description): Description {
  const { name = last.name, type = last.type, owner = last.owner, key = last.key } = given;
  // A key that is given serves the account, unless the description says otherwise.
  const noKeySince = given.key === undefined ? last.noKeySince : given.noKeySince;
  return { name: name || undefined, type, owner, key: key || undefined, noKeySince };
}

/** Whether a description has something to say, and differs from the last one. A start can lack a description. */
export function isNewDescription(last: Description, event: Description): boolean {
  if (FIELDS.every((field) => event[field] === undefined)) return false;
  return FIELDS.some((field) => last[field] !== event[field]);
}

const FIELDS = ["name", "type", "owner", "key", "noKeySince"] as const;

/**
 * Returns the description that an account had at a time, in milliseconds since 1970: the last one that was known by then, or
 * else the first one.
 */
export function descriptionAt({ descriptions = [] }: AccountActivity, at: number): Partial<DescriptionVersion> {
  return descriptions.findLast(({ from }) => from <= at) ?? descriptions[0] ?? {};
}

/** Returns the name of the key that serves an account; `undefined`: the only key, which has no name, or unknown. */
export function keyOf({ descriptions = [] }: AccountActivity): string | undefined {
  return descriptions.at(-1)?.key;
}

/** Returns the slot from which on no key serves an account; `undefined`: one serves it. */
export function noKeySinceOf(activity: AccountActivity | undefined): Slot | undefined {
  return activity?.descriptions?.at(-1)?.noKeySince;
}

/** Returns the name of the key that serves an account, or the last one that did; `undefined`: no key with a name. */
export function lastKeyOf({ descriptions = [] }: AccountActivity): string | undefined {
  return descriptions.findLast(({ key }) => key !== undefined)?.key;
}

/** Whether the account counts now. */
export function isActive(activity: AccountActivity | undefined): boolean {
  const last = activity?.periods.at(-1);
  return last !== undefined && last.until === undefined;
}

/** Whether the account counts now, or is pending: a run expects it. */
export function hasNotEnded(activity: AccountActivity): boolean {
  return isActive(activity) || activity.pendingSince !== undefined;
}

/** Whether the account counts at a time, in milliseconds since 1970. */
export function isActiveAt({ periods }: AccountActivity, at: number): boolean {
  return periods.some(({ from, to = Number.POSITIVE_INFINITY }) => from <= at && at < to);
}

/** Returns the slot of the account's first complete snapshot, or else of its first failed attempt. */
export function firstSlotOf({ periods, pendingSince }: AccountActivity): Slot | undefined {
  return periods[0]?.since ?? pendingSince;
}
