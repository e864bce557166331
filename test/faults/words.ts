import type { RecordedRequest } from "../../local/simulated-cdp/server.ts";
import type { Fault } from "./fault.ts";
import type { Invocation } from "./instance.ts";
import type { Sight } from "./sight.ts";
import type { World } from "./world.ts";

// What was observed, in words. Nothing here knows what was expected.

/** What the run does: each invocation after the other, those that go alike as one. */
export function tellRuns(world: World, fault: Fault): string {
  const { invocations, deadLetters } = world;
  const told = alike(invocations.map((invocation) => tellInvocation(invocation, world, fault)));
  const sentences = told.length === 0 ? ["it is not started"] : [told.join("; ")];
  const attempts = Math.max(...invocations.map(({ awsAttempts }) => awsAttempts));
  if (attempts > 1) sentences.push(`a call to AWS is tried ${tellTimes(attempts)}`);
  if (deadLetters > 0) sentences.push(deadLetters > 1 ? `${deadLetters} dead letters` : "a dead letter");
  return normal(sentences.map((text) => `${text[0]?.toUpperCase()}${text.slice(1)}.`).join(" "), world);
}

/** One text for a stretch of texts that are alike, or of pairs that are; what is left is told in its order. */
function alike(texts: readonly string[]): string[] {
  const [first, second] = texts;
  if (first === undefined) return [];
  for (const unit of [[first], [first, second]]) {
    let times = 1;
    while (unit.every((text, at) => texts[times * unit.length + at] === text)) times++;
    const rest = texts.slice(times * unit.length);
    if (times > 1) return [`${times} times: ${unit.join(", then ")}`, ...alike(rest)];
  }
  const [next, ...rest] = alike(texts.slice(1));
  return next === undefined ? [first] : [`${first}, then ${next}`, ...rest];
}

function tellInvocation(invocation: Invocation, world: World, fault: Fault): string {
  const { report, error, logs, died } = invocation;
  if (died) return "dies";
  const results = report?.snapshots ?? [];
  const codes = [...new Set(report === undefined ? [error?.code] : results.flatMap((one) => one.error?.code ?? []))];
  const outcome =
    codes.length > 0
      ? `fails with ${codes.map((code) => `\`${code}\``).join(" and ")}`
      : report?.accounts.complete === 0
        ? "finds everything complete"
        : "completes";
  const notices = results.flatMap((result) =>
    (result.notices ?? []).map(
      (notice) => `notice \`${notice.kind}\`${"asset" in notice ? ` of ${notice.asset}` : ""}`,
    ),
  );
  const warnings = logs.filter(({ level }) => level === "WARN").map(({ message }) => String(message));
  const troubles = [...new Set(warnings)].filter((text) => !text.startsWith("Account complete"));
  const details = [...tellRequests(invocation, world, fault), ...notices, ...troubles.map((text) => `log: “${text}”`)];
  return details.length === 0 ? outcome : `${outcome} (${details.join("; ")})`;
}

/** What was asked for more than once, and how long that took. */
function tellRequests(invocation: Invocation, { struck }: World, { onEachPage }: Fault): string[] {
  const { requests, sleptMs } = invocation;
  const times = new Map<string, number>();
  const most = new Map<string, number>();
  for (const request of requests) {
    const key = JSON.stringify([request.path, request.query["pageToken"]]);
    const count = (times.get(key) ?? 0) + 1;
    times.set(key, count);
    const at = struck.findIndex(({ accountId }) => accountId === request.accountId);
    const label = labelOf(request, onEachPage ? at + 1 : undefined);
    most.set(label, Math.max(most.get(label) ?? 0, count));
  }
  const again = [...most].filter(([, count]) => count > 1);
  const pages = again.filter(([label]) => label.startsWith("page "));
  const [[, walks] = ["", 0]] = pages;
  const isWalk = pages.length === 3 && pages.every(([, count]) => count === walks);
  const told = isWalk ? [["every page", walks] as const, ...again.filter((one) => !pages.includes(one))] : again;
  return [
    ...told.map(([label, count]) => `asks ${tellTimes(count)} for ${label}`),
    // By each account that was struck: their pauses are alike.
    ...(sleptMs > 0 ? [`pauses ${tellSeconds(sleptMs / struck.length)}`] : []),
  ];
}

function labelOf({ path, page }: RecordedRequest, struckAt: number | undefined): string {
  const asset = /\/balances\/([^/]+)$/.exec(path)?.[1];
  if (asset !== undefined) return `the asset ${asset} by itself`;
  if (!path.endsWith("/balances")) return "the list of accounts";
  return page === struckAt ? "that page" : `page ${page}`;
}

const tellTimes = (count: number) => (count === 2 ? "twice" : `${count} times`);

function tellSeconds(ms: number): string {
  const seconds = ms / 1000;
  return seconds < 1 ? `${seconds.toFixed(1)} s` : `${Math.round(seconds)} s`;
}

/** What a reader of the history sees of the slots. */
export function tellSights(sights: readonly Sight[], world: World): string {
  return [...new Set(sights.map((sight) => normal(tellSight(sight, world), world)))].join(" Or: ");
}

function tellSight({ accountId, slot, isKnown, snapshot, attempt, refusals }: Sight, { accounts }: World): string {
  const told = refusals.map(({ message }) => ` Whoever looks further back is refused: ${message}`);
  if (snapshot === undefined) {
    if (!isKnown) return "Nothing: the table does not know the account yet.";
    return [
      attempt === undefined ? "A gap without a record." : `A gap. \`${attempt.code}\`: ${attempt.message}`,
      ...told,
    ].join("");
  }
  const { consistency, passes, unsettled, capturedAt, completedAt } = snapshot;
  const lateMs = Date.parse(capturedAt) - Date.parse(slot);
  const known = [...snapshot.balances.keys(), ...unsettled];
  const held = accounts.find((account) => account.accountId === accountId)?.balances ?? [];
  const lacking = held.map(({ asset }) => asset.symbol).filter((symbol) => !known.includes(symbol));
  const whole = [
    `Complete, \`${consistency}\``,
    ...(passes > 1 ? [`${passes} passes`] : []),
    ...(unsettled.length > 0 ? [`not known: ${unsettled.join(", ")}`] : []),
    ...(lacking.length > 0 ? [`without ${lacking.join(", ")}, which were held`] : []),
    ...(lateMs > 60_000 ? [`captured ${Math.round(lateMs / 60_000)} min after its slot`] : []),
    ...(completedAt < capturedAt ? ["completed before it was captured"] : []),
  ];
  return [`${whole.join("; ")}.`, ...new Set(told)].join("");
}

/** Without what differs from one run of the tests to the next. */
function normal(text: string, { accounts, scope }: World): string {
  return (
    accounts
      .reduce((result, { accountId }) => result.replaceAll(accountId, "account_…"), text)
      .replaceAll(scope, "balances")
      .replace(/(127\.0\.0\.1|localhost):\d+/g, "$1:…")
      // Newer versions of Node give a hint.
      .replace(/; if the root CA is installed locally, [^;]* --use-system-ca/, "")
      .replace(/[0-9a-f]{16}-IAD|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "…")
  );
}
