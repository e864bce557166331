import { ACCOUNT_ID } from "../../core/config.ts";
import { InputError } from "../../core/domain/errors.ts";
import { parseSlot, slotAt } from "../../core/domain/slot.ts";
import { describeValue } from "../../core/domain/untrusted-text.ts";
import type { RunRequest } from "../../core/snapshot/run.ts";

const KEYS = ["scheduledTime", "accounts", "dryRun"];
const EXAMPLE = '{}, {"scheduledTime": "2026-11-23T10:00:00Z"}, {"accounts": ["account_…"]} or {"dryRun": true}';

const MOST_PROBLEMS = 10;

/**
 * The order in an invocation's event. Without `scheduledTime` the slot is now.
 * @param configured the accounts to walk where the event names none; a list is also the most that an event may name
 * @param now milliseconds since 1970
 * @throws InputError `event_invalid` with every problem, each naming its key and the remedy
 */
export function parseEvent(event: unknown, configured: RunRequest["accounts"], now: number): RunRequest {
  const given = event ?? {};
  if (typeof given !== "object" || Array.isArray(given)) {
    throw new InputError("event_invalid", [`The event is no JSON object. Give ${EXAMPLE}.`]);
  }
  const { scheduledTime, accounts, dryRun } = given as Record<string, unknown>;
  const problems = Object.keys(given)
    .filter((key) => !KEYS.includes(key))
    .map((key) => `The event's key ${describeValue(key)} is unknown. Give ${EXAMPLE}.`);

  const slot = typeof scheduledTime === "string" ? parseSlot(scheduledTime) : undefined;
  if (scheduledTime !== undefined && slot === undefined) {
    problems.push(
      `The event's scheduledTime is ${describeValue(scheduledTime)}. Give an instant in UTC like "2026-11-23T10:00:00Z", or none for now.`,
    );
  }
  if (dryRun !== undefined && typeof dryRun !== "boolean") {
    problems.push(`The event's dryRun is ${describeValue(dryRun)}. Give true or false.`);
  }
  problems.push(...accountProblems(accounts, configured));
  if (problems.length > 0) throw new InputError("event_invalid", few(problems));
  return {
    slot: slot ?? slotAt(now),
    trigger: slot === undefined ? "manual" : "schedule",
    dryRun: dryRun === true,
    accounts: accounts === undefined ? configured : [...new Set(accounts as string[])],
  };
}

/** An event can name thousands of accounts, and every problem with it ends up in the log. */
function few(problems: readonly string[]): readonly string[] {
  if (problems.length <= MOST_PROBLEMS) return problems;
  return [
    ...problems.slice(0, MOST_PROBLEMS),
    `The event's other problems, ${problems.length - MOST_PROBLEMS}, are left out here.`,
  ];
}

function accountProblems(accounts: unknown, configured: RunRequest["accounts"]): string[] {
  if (accounts === undefined) return [];
  if (!Array.isArray(accounts) || accounts.length === 0) {
    return [`The event's accounts is ${describeValue(accounts)}. Give a list of account ids, or none for all of them.`];
  }
  return accounts.flatMap((id) => {
    if (typeof id !== "string" || !ACCOUNT_ID.test(id)) {
      return [
        `The event's accounts hold ${describeValue(id)}, which is no account id. Give ids like account_af2937b0-9846-….`,
      ];
    }
    const known = configured === "all" || configured.includes(id);
    return known ? [] : [`The event's accounts hold ${id}, which is not among the configured accounts.`];
  });
}
