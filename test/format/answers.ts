import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { dumpOf } from "./dump.ts";

/** What a command answered to a table: its exit code and its rows. */
export interface Answer {
  readonly command: string;
  readonly code: number | null;
  readonly rows: readonly unknown[];
}

const pathOf = (format: number) => join(dirname(dumpOf(format)), "answers.ndjson");

/** Writes one line for each command, followed by a line for each of its rows. */
export function writeAnswers(format: number, answers: readonly Answer[]): void {
  const lines = answers.flatMap(({ command, code, rows }) => [{ command, code }, ...rows]);
  writeFileSync(pathOf(format), lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
}

export function readAnswers(format: number): Answer[] {
  const answers: (Answer & { rows: unknown[] })[] = [];
  for (const line of readFileSync(pathOf(format), "utf8").trimEnd().split("\n")) {
    const value = JSON.parse(line);
    if ("command" in value) answers.push({ ...value, rows: [] });
    else answers.at(-1)?.rows.push(value);
  }
  return answers;
}
