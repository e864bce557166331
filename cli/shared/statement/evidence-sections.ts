import { type SlotCoverage, slotCoverage } from "../../../core/history/slot-coverage.ts";
import type { StatementAccount, StatementEnd } from "../../../core/history/statement-accounts.ts";
import { formatHeads } from "../../../core/integrity/heads.ts";
import type { StatementSection, StatementTable } from "../../../report-page/statement/document.ts";
import { counted } from "../counted.ts";
import { localTime } from "../date-time.ts";
import { withoutZeroMilliseconds } from "../format/row-table.ts";
import { shownName } from "../format/shown-name.ts";
import type { StatementTexts } from "./statement-document.ts";

/** Shows from which snapshots the balances are. */
export function snapshotsSection(texts: StatementTexts): StatementSection {
  return {
    title: "Snapshots",
    notes: [
      "Each balance is that of the last snapshot that was completed before its time: every amount in it was read by then.",
    ],
    tables: [snapshotsTable("opening", texts), snapshotsTable("closing", texts)].filter(({ rows }) => rows.length > 0),
  };
}

function snapshotsTable(end: "opening" | "closing", { statement, label }: StatementTexts): StatementTable {
  const { accounts, timezone } = statement;
  const shown = accounts.filter((account) => account[end].state !== "inactive");
  const at = localTime(end === "opening" ? statement.openingAt : statement.closingAt, timezone);
  const remarks = shown.map((account) => remarkOf(account[end]));
  const time = (instant: string | null) => instant && withoutZeroMilliseconds(localTime(instant, timezone));
  return {
    caption: `${end === "opening" ? "Opening" : "Closing"} at ${at}`,
    columns: [
      { title: "account", kind: "account" },
      { title: "slot", kind: "time" },
      { title: "first request", kind: "time", inText: "optional" },
      { title: "completed", kind: "time" },
      ...(remarks.some(Boolean) ? [{ title: "remark", inText: "below" as const }] : []),
    ],
    rows: shown.map((account, row) => {
      const { slot, capturedAt, completedAt } = account[end];
      const texts = [
        label(account.accountId),
        ...[slot, capturedAt, completedAt].map((instant) => time(instant) ?? ""),
      ];
      return remarks.some(Boolean) ? [...texts, remarks[row] ?? ""] : texts;
    }),
  };
}

function remarkOf({ state, slot, uncertain, altered }: StatementEnd): string {
  if (state === "missing")
    return slot === null ? "missing: there is no snapshot" : "missing: the last snapshot is too old";
  return [
    ...(altered ? ["ALTERED: it does not match its digest"] : []),
    ...(uncertain ? ["uncertain: an asset may be missing"] : []),
  ].join("; ");
}

/** Shows how many slots have a snapshot, and how many snapshots are doubtful. */
export function coverageSection({ statement, label, expectedUntil }: StatementTexts): StatementSection {
  const { accounts, closingAt, timezone } = statement;
  const hasSchedule = accounts.some(({ slots }) => slots !== null);
  const sumOf = (count: (account: StatementAccount) => number) =>
    accounts.reduce((sum, account) => sum + count(account), 0);
  const row = ({ accountId, slots, snapshots, uncertain, altered }: StatementAccount) => [
    label(accountId),
    ...coverageTexts(slots),
    ...[snapshots, uncertain, altered].map(String),
  ];
  return {
    title: "Coverage",
    notes: [
      hasSchedule
        ? "Slots of the schedule in the period while the account counts. Snapshots include those of manual runs."
        : "No schedule is known, so that no slot is expected: it is unknown whether one is missing.",
      ...(hasSchedule && closingAt > expectedUntil
        ? [
            `Slots after ${localTime(expectedUntil, timezone)} without a record are not counted: their run may be in progress.`,
          ]
        : []),
    ],
    tables: [
      {
        columns: [
          { title: "account", kind: "account" },
          { title: "slots", kind: "count" },
          { title: "complete", kind: "count" },
          { title: "percent", kind: "amount" },
          { title: "snapshots", kind: "count" },
          { title: "uncertain", kind: "count" },
          { title: "altered", kind: "count" },
        ],
        rows: accounts.map(row),
        ...(accounts.length > 1 && {
          total: [
            "total",
            ...coverageTexts(
              hasSchedule
                ? slotCoverage(
                    sumOf(({ slots }) => slots?.complete ?? 0),
                    sumOf(({ slots }) => slots?.expected ?? 0),
                  )
                : null,
            ),
            ...[sumOf((one) => one.snapshots), sumOf((one) => one.uncertain), sumOf((one) => one.altered)].map(String),
          ],
        }),
      },
    ],
  };
}

function coverageTexts(slots: SlotCoverage | null): string[] {
  return slots === null ? ["", "", ""] : [String(slots.expected), String(slots.complete), slots.percent ?? ""];
}

/** Shows the slots without a complete snapshot, and why they have none. */
export function gapsSection({ statement, label }: StatementTexts): StatementSection {
  const { gaps, accounts, timezone } = statement;
  if (gaps.length === 0) return { title: "Gaps", notes: [whyNoGaps(accounts)] };
  const time = (slot: string) => withoutZeroMilliseconds(localTime(slot, timezone));
  return {
    title: "Gaps",
    notes: [
      "Slots without a complete snapshot. Those in a row with the same cause share a line. balances gaps shows each.",
    ],
    tables: [
      {
        columns: [
          { title: "first slot", kind: "time" },
          { title: "last slot", kind: "time" },
          { title: "slots", kind: "count" },
          { title: "accounts", kind: "account" },
          { title: "cause", inText: "below" },
        ],
        rows: gaps.map(({ firstSlot, lastSlot, slots, accounts: ids, code, message, messagesDiffer }) => [
          ...[time(firstSlot), time(lastSlot), String(slots)],
          ids.length === 1 ? ids.map(label).join() : `${ids.length} of ${accounts.length}`,
          `${ids.length === 1 || ids.length === accounts.length ? "" : `${ids.map(label).join(", ")}: `}${code}: ${messagesDiffer ? "for example, " : ""}${shownName(message)}`,
        ]),
      },
    ],
  };
}

function whyNoGaps(accounts: readonly StatementAccount[]): string {
  const unscheduled = accounts.filter(({ slots }) => slots === null).length;
  if (unscheduled === accounts.length) return "Unknown, without a schedule.";
  const unknown =
    unscheduled === 0 ? "" : ` Unknown for ${counted(unscheduled, "account")}: no schedule of the key is known.`;
  return noneOf(accounts) + unknown;
}

function noneOf(accounts: readonly StatementAccount[]): string {
  return accounts.every(({ slots }) => slots === null || slots.expected === 0)
    ? "No slot is expected in this period."
    : `None: every slot ${accounts.some(({ events }) => events.length > 0) ? "for which an account counts " : ""}has a complete snapshot.`;
}

/** Shows the entries of the hash chains that cover the closing balances, and how to verify them. */
export function verificationSection({ statement, label, commands }: StatementTexts): StatementSection {
  const { accounts, heads, timezone, period, open } = statement;
  const known = accounts.filter(({ closing }) => closing.state === "known");
  if (known.length === 0) return { title: "Verification", notes: ["There is no closing balance to verify."] };
  const headOf = (accountId: string) => heads.find((head) => head.accountId === accountId);
  return {
    title: "Verification",
    notes: [
      "The hash of an entry in an account's hash chain depends on every snapshot up to it. An entry covers a closing balance: it has the digest of the snapshot.",
      open
        ? "The period has not ended: a later statement covers later entries. To check these, keep their heads, which are in the JSON of this statement, and pass them to verify --anchor."
        : "To check later that nothing has changed since, run these commands. The first must show the same hashes, and the second no findings.",
    ],
    tables: [
      {
        columns: [
          { title: "account", kind: "account" },
          { title: "entry", kind: "count" },
          { title: "slot", kind: "time" },
          { title: "hash", kind: "code", inText: "below" },
        ],
        rows: known.map(({ accountId, closing }) => {
          const head = headOf(accountId);
          const slot = localTime(head?.slot ?? closing.slot ?? "", timezone);
          return [
            ...[label(accountId), String(head?.sequence ?? ""), withoutZeroMilliseconds(slot)],
            head?.hash ?? "none: the snapshot is not in, or differs from, the hash chain. Run balances verify.",
          ];
        }),
      },
    ],
    ...(heads.length > 0 && { download: { name: `heads-${period}.jsonl`, content: formatHeads(heads) } }),
    commands: open ? [commands.verify] : [commands.repeat, commands.verify],
  };
}
