import type { Command } from "commander";
import { distance } from "fastest-levenshtein";
import { InputError } from "../../core/domain/errors.ts";
import { npmScript } from "../../local/npm-script.ts";

// Without `--` before the command, `npm run balances latest --table x` makes npm take --table as an option of its own: the
// command receives `latest x`. npm keeps most of these options in variables such as `npm_config_table`, but not those
// that it takes for the start of an option it knows, such as --format for --format-package-lock.

/** A word with more differences from a command's name is not that command, mistyped. */
const MAX_TYPOS = 2;

/** @throws InputError if npm took options of the command, which would run without them */
export function assertNothingTakenByNpm(command: Command | undefined, args: readonly string[]): void {
  if (command === undefined || npmScript() !== "balances") return;
  const taken = command.options.flatMap(({ long }) => {
    if (typeof long !== "string" || args.some((arg) => arg === long || arg.startsWith(`${long}=`))) return [];
    return process.env[variableOf(long)] === undefined ? [] : [long];
  });
  const [first] = taken;
  if (first === undefined) return;
  throw new InputError("usage", [
    `npm took ${taken.join(", ")} for itself. ${suggestedFix(command)} (Or unset ${variableOf(first)}, if npm's own ` +
      "configuration sets it.)",
  ]);
}

/** @throws InputError for words that belong neither to an option nor to the command */
export function assertNoWords(command: Command): void {
  const [word] = command.args.slice(command.registeredArguments.length);
  if (word === undefined) return;
  const near = command.commands.find((subcommand) => distance(subcommand.name(), word) <= MAX_TYPOS);
  const unexpected = `${nameOf(command)}: unexpected argument "${word}". `;
  if (near !== undefined) throw new InputError("usage", [`${unexpected}Did you mean ${nameOf(near)}?`]);
  throw new InputError("usage", [
    unexpected +
      (npmScript() === "balances"
        ? `If it belongs to an option, npm took the option for itself. ${suggestedFix(command)}`
        : "Expected options only. Quote a value that contains spaces."),
  ]);
}

/** Returns the words with which the user starts a command: in a clone, through npx, or installed. */
export function commandWords(words: string): string {
  if (npmScript() !== undefined) return `npm run -s balances -- ${words}`;
  return process.env["npm_command"] === "exec" ? `npx cdp-balance-snapshots ${words}` : `balances ${words}`;
}

/** Returns the words with which the user starts the demo. @param options with a space before them */
export function demoWords(options = ""): string {
  if (npmScript() !== "start") return commandWords(`demo${options}`);
  return options === "" ? "npm start" : `npm start --${options}`;
}

/** npm takes the start of one of its options for that option. This one has no value that would be left over. */
const EXPANDED: Readonly<Record<string, string>> = { "--head": "--heading" };

function variableOf(long: string): string {
  return `npm_config_${(EXPANDED[long] ?? long).slice(2).replaceAll("-", "_")}`;
}

/** Returns the words that select the command: `latest`, or `accounts retire`. */
function nameOf(command: Command): string {
  const { parent } = command;
  return parent?.parent ? `${parent.name()} ${command.name()}` : command.name();
}

function suggestedFix(command: Command): string {
  return `Put -- before the command: npm run -s balances -- ${nameOf(command)} …`;
}
