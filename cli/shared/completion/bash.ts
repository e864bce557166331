import type { CommandCompletion, OptionCompletion } from "./words.ts";

/**
 * Returns a script that makes bash complete the command line. Bash 3.2 runs it, which macOS has and which reads nothing from
 * `source <(…)`.
 * @param names the programs that it completes
 */
export function bashScript(names: readonly string[], commands: readonly CommandCompletion[]): string {
  const [name] = names;
  return `# bash completion for ${names.join(" and ")}. In ~/.bashrc: eval "$(${name} completion bash)"
_${name}() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" command="" word words
  # Bash splits --format=csv into three words.
  if [[ $current == = ]]; then current=""
  elif [[ $previous == = ]]; then previous="\${COMP_WORDS[COMP_CWORD-2]}"
  fi
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$command/$word" in
${selectCommand(commands)}
    esac
  done
  COMPREPLY=()
  case "$command $previous" in
${valueCases(commands, completeValue)}
  esac
  case "$command" in
${commands.map(wordsCase).join("\n")}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -F _${name} ${names.join(" ")}
`;
}

/** Returns the cases of a shell that find the command in the words before the cursor. */
export function selectCommand(commands: readonly CommandCompletion[]): string {
  return commands
    .filter(({ path }) => path.length > 0)
    .map(({ path }) => `      "${path.slice(0, -1).join(" ")}/${path.at(-1)}") command="${path.join(" ")}" ;;`)
    .join("\n");
}

/**
 * Returns the cases of a shell that complete the value of the option before the cursor.
 * @param completeValue returns the commands that do so for an option; empty: there is nothing to complete
 */
export function valueCases(
  commands: readonly CommandCompletion[],
  completeValue: (option: OptionCompletion) => string,
): string {
  const cases = commands.flatMap(({ path, options }) => {
    const patterns = new Map<string, string[]>();
    for (const option of options.filter(({ value }) => value !== "none")) {
      const action = completeValue(option);
      patterns.set(action, [...(patterns.get(action) ?? []), `"${path.join(" ")} ${option.name}"`]);
    }
    return [...patterns].map(([action, names]) => `    ${names.join(" | ")})${action && ` ${action};`} return ;;`);
  });
  return cases.join("\n");
}

function completeValue({ value, choices }: OptionCompletion): string {
  if (choices.length > 0) return `COMPREPLY=($(compgen -W "${choices.join(" ")}" -- "$current"))`;
  if (value === "text") return "";
  const files = `COMPREPLY=($(compgen ${value === "file" ? "-f" : "-d"} -- "$current"))`;
  // Adds a slash to a folder, and quotes spaces.
  return `compopt -o filenames 2>/dev/null; local IFS=$'\\n'; ${files}`;
}

function wordsCase({ path, commands, options }: CommandCompletion): string {
  const words = [...commands.map(({ name }) => name), ...options.map(({ name }) => name)];
  return `    "${path.join(" ")}") words="${words.join(" ")}" ;;`;
}
