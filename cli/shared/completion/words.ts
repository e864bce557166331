import type { Command, Option } from "commander";

/** What can follow the words of a command. Taken from commander, so that nothing is listed twice. */
export interface CommandCompletion {
  /** The words of the command: empty for the command line itself, `accounts retire` for a command of another one. */
  readonly path: readonly string[];
  readonly commands: readonly Described[];
  readonly options: readonly OptionCompletion[];
}

interface Described {
  readonly name: string;
  readonly description: string;
}

export interface OptionCompletion extends Described {
  /** Such as `-h`. */
  readonly short: string | undefined;
  readonly value: "none" | "file" | "folder" | "text";
  /** The possible values; empty if they are not known. */
  readonly choices: readonly string[];
}

/** Returns what can follow each command, the command line itself first. @param program with all its commands */
export function completionsOf(program: Command, path: readonly string[] = []): CommandCompletion[] {
  const help = program.createHelp();
  const commands = help.visibleCommands(program);
  const [argument] = program.registeredArguments;
  const own = {
    path,
    commands: [
      ...commands.map((command) => ({ name: command.name(), description: command.description() })),
      ...(argument?.argChoices ?? []).map((name) => ({ name, description: argument?.description ?? "" })),
    ],
    options: help.visibleOptions(program).map(completionOf),
  };
  // `help` has no options, and its argument is a command.
  const followed = commands.filter((command) => command.name() !== "help");
  return [own, ...followed.flatMap((command) => completionsOf(command, [...path, command.name()]))];
}

function completionOf({ long, short, flags, required, argChoices, description }: Option): OptionCompletion {
  const { value = "none" } = /<(?<value>\w+)/.exec(flags)?.groups ?? {};
  return {
    name: long ?? flags,
    short,
    description,
    value: required ? kindOf(value) : "none",
    choices: argChoices ?? [],
  };
}

/** Returns what a value is, from its name in the option's flags: `--out <file>`. */
function kindOf(name: string): "file" | "folder" | "text" {
  if (name === "file" || name === "path") return "file";
  return name === "folder" ? "folder" : "text";
}
