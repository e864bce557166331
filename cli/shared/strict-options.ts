import type { Command } from "commander";
import { InputError } from "../../core/domain/errors.ts";

/**
 * Makes three command lines usage errors that commander accepts: an empty value (mostly a shell variable that is not set,
 * so that `--table "$TABLE"` would select another table), another option in place of a value, and a second value of an
 * option that takes one, which would replace the first.
 */
export function withStrictOptions(command: Command): void {
  for (const option of command.options.filter(({ required }) => required)) {
    const name = option.long ?? option.flags;
    let isGiven = false;
    command.on(`option:${option.name()}`, (value: string) => {
      if (value.trim() === "") {
        throw usage(`${name}: the value is empty. Give a value, or leave the option out. Is a shell variable not set?`);
      }
      if (value === "--help" || command.options.some(({ long }) => value === long)) {
        throw usage(`${name}: the value is missing, because ${value} is an option itself. Expected ${option.flags}.`);
      }
      if (isGiven && !option.variadic) throw usage(`${name} is given more than once. Give one value.`);
      isGiven = true;
    });
  }
}

function usage(problem: string): InputError {
  return new InputError("usage", [problem]);
}
