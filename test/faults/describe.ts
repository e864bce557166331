import type { RecordedRequest } from "../../local/simulated-cdp/server.ts";
import type { Fault } from "./fault.ts";
import type { FaultWorld } from "./fault-world.ts";
import type { Invocation } from "./instance.ts";
import type { SlotView } from "./slot-view.ts";

// Describes what was observed. Nothing here knows what was expected.

/** A few words for a table cell, and whole sentences for the notes below the table. */
export interface Description {
  readonly summary: string;
  readonly notes: readonly string[];
}

/** Describes what the invocations did. */
export function describeRun(world: FaultWorld, fault: Fault): Description {
  const { invocations, deadLetters } = world;
  const outcomes = invocations.length === 0 ? ["not started"] : runLengths(invocations.map(outcomeOf));
  const deadLetter = deadLetters > 1 ? `; ${deadLetters} dead letters` : "; dead letter";
  const attempts = Math.max(...invocations.map(({ awsAttempts }) => awsAttempts));
  const details = [
    ...new Set(invocations.flatMap((invocation) => requestDetails(invocation, world, fault))),
    ...(attempts > 1 ? [`makes up to ${attempts} attempts at a call to AWS`] : []),
    ...new Set(invocations.flatMap(warningsOf)),
  ];
  return {
    summary: `${outcomes.join(", then ")}${deadLetters > 0 ? deadLetter : ""}`,
    notes: details.length === 0 ? [] : [`The run ${details.join("; ")}.`],
  };
}

function runLengths(texts: readonly string[]): string[] {
  const groups: { text: string; count: number }[] = [];
  for (const text of texts) {
    const last = groups.at(-1);
    if (last?.text === text) last.count++;
    else groups.push({ text, count: 1 });
  }
  return groups.map(({ text, count }) => (count === 1 ? text : `${text} ×${count}`));
}

function outcomeOf({ result, error, died }: Invocation): string {
  if (died) return "process dies";
  if (result?.noKey) return "succeeds";
  const failures = [...(result?.snapshots ?? []).map((one) => one.error), result?.notReached?.error];
  const codes = new Set(result ? failures.flatMap((failure) => failure?.code ?? []) : [error?.code]);
  if (codes.size > 1) return "each account's own code";
  if (codes.size > 0) return `\`${[...codes][0]}\``;
  return result?.accounts.complete === 0 ? "already complete" : "complete";
}

function warningsOf({ result, logs }: Invocation): string[] {
  const notices = (result?.snapshots ?? []).flatMap(({ notices = [] }) => notices);
  const warnings = logs.filter(({ level }) => level === "WARN").map(({ message }) => String(message));
  return [
    ...notices.map(
      (notice) => `reports the notice \`${notice.kind}\`${"asset" in notice ? ` of ${notice.asset}` : ""}`,
    ),
    ...warnings.filter((text) => !text.startsWith("Account complete")).map((text) => `logs “${text}”`),
  ];
}

/** Describes which requests were repeated, and how long the run paused. */
function requestDetails(invocation: Invocation, { affected }: FaultWorld, { onEachPage }: Fault): string[] {
  const { requests, sleptMs } = invocation;
  const counts = new Map<string, number>();
  const repeated = new Map<string, number>();
  for (const request of requests) {
    const key = JSON.stringify([request.path, request.query["pageToken"]]);
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    const index = affected.findIndex(({ accountId }) => accountId === request.accountId);
    const label = labelOf(request, onEachPage ? index + 1 : undefined);
    if (count > 1) repeated.set(label, Math.max(repeated.get(label) ?? 0, count));
  }
  const pages = [...repeated].filter(([label]) => label.startsWith("page "));
  const isWholeWalk = pages.length === 3 && pages.every(([, count]) => count === pages[0]?.[1]);
  const described = [...repeated].filter(([label]) => !isWholeWalk || !label.startsWith("page "));
  if (isWholeWalk) described.unshift(["every page", pages[0]?.[1] ?? 0]);
  return [
    ...described.map(([label, count]) => `sends ${count} requests for ${label}`),
    // Per affected account: each pauses as long as the others.
    ...(sleptMs > 0 ? [`pauses for ${inSeconds(sleptMs / affected.length)}`] : []),
  ];
}

/** @param faultyPage the page at which the fault hits this account, if that differs between accounts */
function labelOf({ path, page }: RecordedRequest, faultyPage: number | undefined): string {
  const asset = /\/balances\/([^/]+)$/.exec(path)?.[1];
  if (asset !== undefined) return `the balance of ${asset}`;
  if (!path.endsWith("/balances")) return "the list of accounts";
  return page === faultyPage ? "that page" : `page ${page}`;
}

function inSeconds(ms: number): string {
  return ms < 1000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / 1000)} s`;
}

/** Describes what a reader of the history sees of the slots. */
export function describeViews(views: readonly SlotView[], world: FaultWorld): Description {
  const described = views.map((view) => describeView(view, world));
  const notes = described.flatMap((one) => one.notes.map((note) => normalize(note, world)));
  const summaries = [...new Set(described.map(({ summary }) => summary))];
  const [first, ...others] = summaries;
  const shortened = others.map((summary) => summary.replace("gap: ", ""));
  return { summary: [first, ...shortened].join(" or "), notes: [...new Set(notes)] };
}

function describeView(
  { accountId, slot, isKnown, snapshot, reason, refusals }: SlotView,
  { accounts }: FaultWorld,
): Description {
  const refused = refusals.map(({ message }) => `A query that reads further back fails: ${message}`);
  if (snapshot === undefined) {
    if (!isKnown) return { summary: "nothing: the table does not know the account", notes: refused };
    if (reason === undefined || reason.code === "not_run") return { summary: "gap without a record", notes: refused };
    return { summary: `gap: \`${reason.code}\``, notes: refused };
  }
  const { consistency, passes, unsettled, capturedAt, completedAt } = snapshot;
  const lateMinutes = Math.round((Date.parse(capturedAt) - Date.parse(slot)) / 60_000);
  const known = [...snapshot.balances.keys(), ...unsettled];
  const held = accounts.find((account) => account.accountId === accountId)?.balances ?? [];
  const missing = held.map(({ asset }) => asset.symbol).filter((symbol) => !known.includes(symbol));
  const parts = [
    `complete, ${consistency}`,
    ...(passes > 1 ? [`${passes} passes`] : []),
    ...(unsettled.length > 0 ? [`unsettled: ${unsettled.join(", ")}`] : []),
    ...(missing.length > 0 ? [`misses ${missing.join(", ")}`] : []),
    ...(lateMinutes > 0 ? [`${lateMinutes} min late`] : []),
    ...(completedAt < capturedAt ? ["completed before it was captured"] : []),
  ];
  return { summary: parts.join("; "), notes: [...new Set(refused)] };
}

/** Removes the ids, which differ between two runs of the tests. */
function normalize(text: string, { accounts }: FaultWorld): string {
  return accounts.reduce((result, { accountId }) => result.replaceAll(accountId, "account_…"), text);
}
