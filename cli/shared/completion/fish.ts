import type { CommandCompletion, OptionCompletion } from "./words.ts";

/**
 * Returns a script that makes fish complete the command line, with descriptions.
 * @param names the programs that it completes
 */
export function fishScript(names: readonly string[], commands: readonly CommandCompletion[]): string {
  const [name = "", ...others] = names;
  return [
    `# fish completion for ${names.join(" and ")}. Once: ${name} completion fish > ~/.config/fish/completions/${name}.fish`,
    `complete -c ${name} -f`,
    ...commands.flatMap((command) => linesOf(name, command, commands)),
    ...others.map((other) => `complete -c ${other} -w ${name}`),
    "",
  ].join("\n");
}

function linesOf(name: string, completion: CommandCompletion, all: readonly CommandCompletion[]): string[] {
  const start = `complete -c ${name} -n ${quoted(conditionOf(completion, all))}`;
  return [
    ...completion.commands.map((command) => `${start} -a ${command.name} -d ${quoted(command.description)}`),
    ...completion.options.map((option) => `${start} ${optionOf(option)} -d ${quoted(option.description)}`),
  ];
}

/** Returns the condition that the words before the cursor select the command, and none of its commands. */
function conditionOf({ path, commands }: CommandCompletion, all: readonly CommandCompletion[]): string {
  if (path.length === 0) return "__fish_use_subcommand";
  const seen = path.map((word) => `__fish_seen_subcommand_from ${word}`);
  const followed = commands.filter(({ name }) =>
    all.some((other) => other.path.join(" ") === [...path, name].join(" ")),
  );
  return [...seen, ...followed.map(({ name }) => `not __fish_seen_subcommand_from ${name}`)].join("; and ");
}

function optionOf({ name, short, value, choices }: OptionCompletion): string {
  const flags = [`-l ${name.slice(2)}`, ...(short === undefined ? [] : [`-s ${short.slice(1)}`])];
  if (choices.length > 0) flags.push(`-x -a ${quoted(choices.join(" "))}`);
  else if (value === "text") flags.push("-x");
  else if (value === "file") flags.push("-r -F");
  else if (value === "folder") flags.push("-x -a '(__fish_complete_directories)'");
  return flags.join(" ");
}

function quoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
