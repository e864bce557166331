import { Argument, Command } from "commander";
import { bashScript } from "../shared/completion/bash.ts";
import { fishScript } from "../shared/completion/fish.ts";
import { completionsOf } from "../shared/completion/words.ts";
import { zshScript } from "../shared/completion/zsh.ts";
import { print } from "../shared/output.ts";

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript };

/** The programs that the package installs. */
const NAMES = ["balances", "cdp-balance-snapshots"];

/** Creates `completion`, which completes every command of its parent. */
export function completionCommand(): Command {
  return new Command("completion")
    .addArgument(new Argument("<shell>", "the shell that runs the script").choices(Object.keys(SCRIPTS)))
    .addHelpText("after", () => {
      return (
        '\nAdd to ~/.bashrc: eval "$(balances completion bash)"\nAdd to ~/.zshrc, after compinit: source <(balances completion zsh)' +
        "\nOnce, for fish: balances completion fish > ~/.config/fish/completions/balances.fish"
      );
    })
    .action(async (shell: keyof typeof SCRIPTS, _, { parent }: Command) => {
      await print(SCRIPTS[shell](NAMES, completionsOf(parent as Command)));
    });
}
