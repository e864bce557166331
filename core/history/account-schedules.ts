import type { AccountActivity } from "../domain/account-activity.ts";
import { type CompletionWindow, completionWindow } from "../domain/completion-window.ts";
import type { ScheduleVersion, SlotRange } from "../domain/history-source.ts";
import { MAX_RUN_MS } from "../domain/limits.ts";
import { slotAt } from "../domain/slot.ts";
import { slotRule } from "../schedule/slot-rule.ts";

/** A time in which one API key serves an account. It ends where the next one begins. */
interface KeySpan {
  /** `undefined`: the only key, which has no name, or unknown. */
  readonly key: string | undefined;
  /** Milliseconds since 1970. */
  readonly from: number;
}

/**
 * The schedules of accounts. Each account follows the schedule of the API key that serves it at each time. A schedule without a
 * key applies to all accounts, until the account's key has another one.
 */
export class AccountSchedules {
  readonly #versions: readonly ScheduleVersion[];
  readonly #hasKeys: boolean;
  /** Thousands of accounts share a few keys. */
  readonly #lists = new Map<string, readonly ScheduleVersion[]>();
  /** By time and schedule: every account has the same steps, and slots are slow to compute. */
  readonly #maxAges = new Map<string, number>();

  /** @param versions of all keys, in any order; without keys, oldest first */
  constructor(versions: readonly ScheduleVersion[]) {
    this.#hasKeys = versions.some(({ key }) => key !== undefined);
    this.#versions = this.#hasKeys ? [...versions].sort(bySince) : versions;
  }

  /**
   * Returns the schedules of an account, oldest first; empty without one. Each is in force from its `since` until that of the
   * next one, and the first one also before.
   */
  of(activity: AccountActivity): readonly ScheduleVersion[] {
    if (!this.#hasKeys) return this.#versions;
    const spans = keySpansOf(activity);
    return this.#list(`spans ${JSON.stringify(spans)}`, () => inForce(spans, this.#versions));
  }

  /**
   * Returns the schedules on which a run can have taken a snapshot of an account: those of every key that ever served it, of all
   * keys if that is unknown. The description that states a new key can be later than the key's first snapshot.
   */
  possible(activity: AccountActivity | undefined): readonly ScheduleVersion[] {
    if (!this.#hasKeys) return this.#versions;
    const keys = new Set((activity?.descriptions ?? []).flatMap(({ key }) => key ?? []));
    if (keys.size === 0) return this.#versions;
    return this.#list(`keys ${[...keys].sort()}`, () =>
      this.#versions.filter(({ key }) => key === undefined || keys.has(key)),
    );
  }

  /** Returns the window of every slot whose snapshot of an account can have been completed in a range. */
  window(activity: AccountActivity, range: SlotRange): CompletionWindow {
    return completionWindow(this.possible(activity), range);
  }

  /**
   * Returns how long a run with the newest schedule of an account may take, in milliseconds. If its key is unknown, that of any key
   * may take its next snapshot.
   */
  maxRunMs(activity: AccountActivity): number {
    const own = this.of(activity).slice(-1);
    const versions = own.length > 0 ? own : this.possible(activity);
    return Math.max(MAX_RUN_MS, ...versions.map(({ maxRunMs = 0 }) => maxRunMs));
  }

  /** Returns the age of an account's slot before the last one: an older snapshot means a missed slot. Infinite without a schedule. */
  ageOfPenultimateSlotMs(activity: AccountActivity, at: number): number {
    const version = this.of(activity).findLast(({ since }, index) => index === 0 || Date.parse(since) <= at);
    if (version === undefined) return Number.POSITIVE_INFINITY;
    const name = `${at} ${version.expression} ${version.timezone}`;
    const age = this.#maxAges.get(name) ?? slotRule(version).ageOfPenultimateSlotMs(at);
    this.#maxAges.set(name, age);
    return age;
  }

  #list(name: string, create: () => readonly ScheduleVersion[]): readonly ScheduleVersion[] {
    const list = this.#lists.get(name) ?? create();
    this.#lists.set(name, list);
    return list;
  }
}

/** A key's own schedule replaces a common one with the same start. */
function bySince(a: ScheduleVersion, b: ScheduleVersion): number {
  if (a.since !== b.since) return a.since < b.since ? -1 : 1;
  return Number(a.key !== undefined) - Number(b.key !== undefined);
}

/**
 * Returns which key served an account, and since when. The first known one also served it before. An account that no key serves
 * follows the schedule of its last key until another one takes it over.
 */
function keySpansOf({ descriptions = [] }: AccountActivity): KeySpan[] {
  const spans: KeySpan[] = [];
  for (const { key, from, noKeySince } of descriptions) {
    const last = spans.at(-1);
    if (noKeySince !== undefined) continue;
    if (last === undefined) spans.push({ key, from: Number.NEGATIVE_INFINITY });
    else if (last.key !== key) spans.push({ key, from });
  }
  return spans.length === 0 ? [{ key: undefined, from: Number.NEGATIVE_INFINITY }] : spans;
}

/** Returns the schedules in force in each span. */
function inForce(spans: readonly KeySpan[], versions: readonly ScheduleVersion[]): ScheduleVersion[] {
  return spans.flatMap(({ key, from }, at) => {
    const to = spans[at + 1]?.from ?? Number.POSITIVE_INFINITY;
    const own = versions.filter((version) => version.key === undefined || version.key === key);
    return own.flatMap((version, index): ScheduleVersion[] => {
      const since = index === 0 ? Number.NEGATIVE_INFINITY : Date.parse(version.since);
      const next = own[index + 1];
      const until = next === undefined ? Number.POSITIVE_INFINITY : Date.parse(next.since);
      if (since >= to || until <= from) return [];
      return since >= from ? [version] : [{ ...version, since: slotAt(from) }];
    });
  });
}
