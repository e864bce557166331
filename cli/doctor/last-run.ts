import type { HistoryRecord, Schedule } from "../../core/domain/history.ts";
import { slotAt } from "../../core/domain/slot.ts";
import { MAX_RUN_MS } from "../../core/history/capture-window.ts";
import { slotRule } from "../../core/schedule/slot-rule.ts";
import { duration } from "../shared/format/duration.ts";
import {
  type CheckResult,
  type CheckResults,
  condensed,
  failed,
  ok,
  type Prerequisite,
  skipped,
  warning,
} from "./check-result.ts";
import type { LastRuns, NewestRecords } from "./history.ts";

/** Missing slots are counted up to here. */
const COUNTED = 1000;

/** What the last runs are judged by. */
export interface Expectations {
  /** The schedule that is deployed, where that is known; the last run's own goes before it. */
  readonly schedule: Schedule | undefined;
  /** The accounts that the API lists, where that is known. */
  readonly listed: readonly string[] | undefined;
  /** Every account that the API lists is to be recorded. */
  readonly all: boolean;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** The newest record of each account: complete or failed, and whether slots are missing since. */
export async function* checkLastRuns(
  runs: Prerequisite<LastRuns> & { readonly problem?: CheckResult },
  expectations: Expectations,
): CheckResults {
  if (runs.value === undefined) {
    yield* runs.problem === undefined ? skipped(["last run"], runs.missing) : [runs.problem];
    return;
  }
  const { accounts } = runs.value;
  const { listed, now } = expectations;
  if (accounts.length === 0) {
    yield warning("last run", "no run has left anything in the table yet", TAKE_ONE);
    return;
  }
  // A schedule that was changed a moment ago says nothing of the slots before.
  const schedule = runs.value.schedule ?? expectations.schedule;
  const missing = (account: NewestRecords) => slotsMissing(schedule ? missingSlots(account, schedule, now) : []);
  const isListed = ({ accountId }: NewestRecords) => listed?.includes(accountId) !== false;
  // Where nothing runs, all accounts miss the same: once is enough.
  const shared = new Set(accounts.filter((account) => account.newest && isListed(account)).map(missing));
  const [common = ""] = shared.size === 1 ? shared : [];
  if (common !== "") yield failed("last run", `of no account: ${common}`, NOT_RUN);
  const judged = accounts.map((account) => {
    const own = shared.size > 1 ? missing(account) : "";
    const finding = judge(account, {
      isListed: isListed(account),
      isScheduled: schedule !== undefined,
      missing: own,
      now,
    });
    return { ...finding, accountId: account.accountId };
  });
  yield* condensed(judged);
  if (expectations.all) yield* unrecorded(accounts, listed ?? []);
}

function* unrecorded(accounts: readonly NewestRecords[], listed: readonly string[]): Iterable<CheckResult> {
  const known = new Set(accounts.map(({ accountId }) => accountId));
  const unknown = listed.filter((id) => !known.has(id));
  if (unknown.length === 0) return;
  const told = `${unknown.slice(0, 3).join(", ")}${unknown.length > 3 ? ", …" : ""}`;
  const remedy = "They are in the next run, unless the accounts are configured so as to leave them out.";
  yield warning("last run", `of ${unknown.length} that the key sees there is no record: ${told}`, remedy);
}

const TAKE_ONE = "Take one now: the stack's output InvokeCommand, or balances snapshot.";

const UNREADABLE =
  "Another version of this project may have written it: read with that one. Else docs/runbook.md#restore-drill.";

function judge(
  account: NewestRecords,
  {
    isListed,
    isScheduled,
    missing,
    now,
  }: { readonly isListed: boolean; readonly isScheduled: boolean; readonly missing: string; readonly now: number },
): CheckResult {
  const { accountId, newest, trouble } = account;
  if (trouble !== undefined) return failed("last run", trouble, UNREADABLE);
  if (newest === undefined) return failed("last run", "the table has no record of it", TAKE_ONE);
  const also = missing === "" ? "" : `; ${missing}`;
  if (newest.status === "failed") {
    const found = `${failure(newest, account, now)}${also}`;
    // The run said so, and alarmed, once.
    if (!isListed && newest.attempt.code === "account_not_listed") return warning("last run", found, CLOSED);
    const remedy = `docs/runbook.md#account-failed; which slots are missing: balances gaps --account ${accountId}`;
    return failed("last run", found, remedy);
  }
  const { slot, snapshot } = newest;
  const age = duration(now - Date.parse(snapshot.capturedAt));
  const byHand = snapshot.trigger === "manual" ? ", by hand" : "";
  const assets = `${snapshot.assets} ${snapshot.assets === 1 ? "asset" : "assets"}`;
  const found = `complete for ${slot}${byHand}, captured ${age} ago, ${assets}`;
  if (!isListed) {
    return warning("last run", `${found}; the API lists the account no more`, CLOSED);
  }
  if (missing !== "") return failed("last run", `${found}${also}`, NOT_RUN);
  return ok("last run", isScheduled ? found : `${found}; no schedule is known to judge its age by`);
}

const CLOSED = "If it is closed, all is well. If not, the key is of a project that may see it no more.";

const NOT_RUN = "Nothing runs, or only by hand: see schedule, and docs/runbook.md#no-complete-run.";

function failure(
  { slot, attempt }: HistoryRecord & { readonly status: "failed" },
  { complete }: NewestRecords,
  now: number,
): string {
  const { attempts, code, message } = attempt;
  const before = complete && duration(now - Date.parse(complete.slot));
  const last = before === undefined ? "none was complete before" : `the last complete one is ${before} old`;
  const tried = `${attempts} ${attempts === 1 ? "attempt" : "attempts"}`;
  return `${slot} failed after ${tried}: ${code}: ${message.replace(/\.$/, "")}; ${last}`;
}

/** Slots of the schedule after the last one that is known, but for one that may still be running. */
function missingSlots({ since, scheduled }: NewestRecords, schedule: Schedule, now: number): number[] {
  const known = Date.parse(scheduled?.slot ?? since ?? slotAt(now));
  const missing: number[] = [];
  for (const slot of slotRule(schedule)?.between(known, now - MAX_RUN_MS, known) ?? []) {
    missing.push(slot);
    if (missing.length === COUNTED) break;
  }
  return missing;
}

/** Empty where none is missing. */
function slotsMissing(missing: readonly number[]): string {
  const [first] = missing;
  if (first === undefined) return "";
  const count = missing.length === COUNTED ? `${COUNTED} or more` : String(missing.length);
  const since = slotAt(first);
  return missing.length === 1 ? `the slot ${since} has no record` : `${count} slots since ${since} have no record`;
}
