/**
 * A statement as a reader sees it, in text or on a page. Texts are final: local times, exact amounts, names with escapes for
 * what cannot be seen. A page isolates what is between U+2068 and U+2069 from the direction of the text around it.
 */
export interface StatementDocument {
  readonly title: string;
  /** The period, the time zone and the denomination. */
  readonly subtitle: string;
  /** When it was generated, in a sentence. */
  readonly generated: string;
  /** What the statement lacks, in sentences. Empty: it is complete. */
  readonly incomplete: readonly string[];
  readonly sections: readonly StatementSection[];
}

export interface StatementSection {
  readonly title: string;
  /** Sentences below the title. They say so if nothing is known: a page shows no table without rows. */
  readonly notes?: readonly string[];
  readonly tables?: readonly StatementTable[];
  /** The words of command lines below the tables. */
  readonly commands?: readonly (readonly string[])[];
  /** A file that the page offers above the commands. */
  readonly download?: { readonly name: string; readonly content: string };
}

export interface StatementTable {
  /** Names the table if its section has several. */
  readonly caption?: string;
  readonly columns: readonly StatementColumn[];
  /** The texts of each row, one for each column; empty: no value. */
  readonly rows: readonly (readonly string[])[];
  /** The last row, which sums up the others. */
  readonly total?: readonly string[];
}

export interface StatementColumn {
  readonly title: string;
  /**
   * `amount`: a decimal; `count`: a whole number; `account`: its name and the start of its id; `code`: an id or a hash, which may
   * break anywhere. Default: text.
   */
  readonly kind?: "amount" | "count" | "time" | "account" | "code";
  /** If a line of a text has no room for it: `below` the row, or left out because it is `optional`. Default: in the row. */
  readonly inText?: "below" | "optional";
}
