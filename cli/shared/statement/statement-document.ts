import { DateTime } from "luxon";
import { slotAt } from "../../../core/domain/slot.ts";
import { printable } from "../../../core/domain/untrusted-text.ts";
import type { StatementDocument, StatementSection } from "../../../report-page/statement/document.ts";
import { localTime } from "../date-time.ts";
import { coverageSection, gapsSection, snapshotsSection, verificationSection } from "./evidence-sections.ts";
import type { StatementCommands } from "./statement-commands.ts";
import type { StatementOutput } from "./statement-output.ts";
import { accountsSection, summarySection } from "./summary-sections.ts";
import { pricesSection, quantitiesSection, valuesSection } from "./value-sections.ts";

/** What the sections of a statement show. */
export interface StatementTexts {
  readonly statement: StatementOutput;
  /** Returns an account's name and the start of its id. */
  readonly label: (accountId: string) => string;
  /** Slots after this time without a record are no gaps yet. In the format of a slot. */
  readonly expectedUntil: string;
  readonly commands: StatementCommands;
  /** With `--transfers`. */
  readonly reconciliation: StatementSection | undefined;
}

/** Returns a statement as its readers see it. */
export function statementDocument(texts: StatementTexts): StatementDocument {
  const { period, open, openingAt, closingAt, timezone, denomination, generatedAt, incomplete } = texts.statement;
  const dayOf = (ms: number) => DateTime.fromMillis(ms, { zone: timezone }).toISODate();
  const days = `${dayOf(Date.parse(openingAt) + 1)} to ${dayOf(Date.parse(closingAt))}`;
  return {
    title: `Statement of balances ${period}${open ? " to date" : ""}`,
    subtitle: `${days}, ${timezone}, values in ${printable(denomination)}`,
    generated: `Generated at ${localTime(slotAt(Date.parse(generatedAt)), timezone)}. Quantities and values are exact. Prices and percentages are derived and rounded.`,
    incomplete,
    sections: [
      summarySection(texts),
      valuesSection(texts),
      quantitiesSection(texts),
      pricesSection(texts),
      ...(texts.reconciliation === undefined ? [] : [texts.reconciliation]),
      accountsSection(texts),
      snapshotsSection(texts),
      coverageSection(texts),
      gapsSection(texts),
      verificationSection(texts),
    ],
  };
}
