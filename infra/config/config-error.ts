/** An invalid configuration. The message lists every problem, one per line. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";

  /** @param subject what is not valid */
  constructor(subject: string, problems: readonly string[]) {
    super([`${subject} not valid:`, ...problems.map((problem) => `  ${problem}`)].join("\n"));
  }
}
