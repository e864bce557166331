import { selectCommand, valueCases } from "./bash.ts";
import type { CommandCompletion, OptionCompletion } from "./words.ts";

/**
 * Returns a script that makes zsh complete the command line, with descriptions. It can be sourced, or be a file in `fpath`.
 * @param names the programs that it completes
 */
export function zshScript(names: readonly string[], commands: readonly CommandCompletion[]): string {
  const [name] = names;
  return `#compdef ${names.join(" ")}
# zsh completion for ${names.join(" and ")}. In ~/.zshrc, after compinit: source <(${name} completion zsh)
_${name}() {
  local current="\${words[CURRENT]}" previous="\${words[CURRENT-1]}" command="" word
  local -a commands options
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case "$command/$word" in
${selectCommand(commands)}
    esac
  done
  # A value in the same word as its option.
  if [[ $current == --*=* ]]; then
    previous="\${current%%=*}"
    compset -P '*='
  fi
  case "$command $previous" in
${valueCases(commands, completeValue)}
  esac
  case "$command" in
${commands.map(wordsCase).join("\n")}
  esac
  (( $#commands )) && _describe command commands
  _describe -o option options
}
if [[ \${funcstack[1]} == _${name} ]]; then
  _${name} "$@"
else
  compdef _${name} ${names.join(" ")}
fi
`;
}

function completeValue({ value, choices, description }: OptionCompletion): string {
  if (choices.length > 0) return `compadd -- ${choices.join(" ")}`;
  if (value === "text") return `_message ${quoted(description)}`;
  return value === "file" ? "_files" : "_files -/";
}

function wordsCase({ path, commands, options }: CommandCompletion): string {
  const list = (entries: readonly { readonly name: string; readonly description: string }[]) =>
    entries.map(({ name, description }) => quoted(`${name}:${description}`)).join(" ");
  return `    "${path.join(" ")}") commands=(${list(commands)}) options=(${list(options)}) ;;`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
