import { InvalidArgumentError } from "commander";
import type { Fault } from "../local/simulated-cdp/faults/fault.ts";

/** The kinds of fault that the demo can inject, and the fields that each of them requires. */
const REQUIRED_FIELDS = new Map([
  ["error", ["status"]],
  ["html", []],
  ["reset", []],
  ["cut", ["after"]],
]);

const OPTIONAL_FIELDS = ["path", "times"];

/** The values that are possible for a field. */
const VALUES: Readonly<Record<string, RegExp>> = {
  status: /^[45]\d\d$/,
  after: /^\d+$/,
  times: /^[1-9]\d*$/,
};

/**
 * Parses the value of `--fault`, such as `kind=error,status=503,path=/balances,times=3`.
 * @throws InvalidArgumentError that names the wrong field and says what is expected
 */
export function parseFault(text: string): Fault {
  const fields = Object.fromEntries(text.split(",").map((field) => field.split("="))) as Record<string, string>;
  const { kind = "", path, ...action } = fields;
  const required = REQUIRED_FIELDS.get(kind);
  if (required === undefined) {
    const kinds = [...REQUIRED_FIELDS.keys()].join(", ");
    throw new InvalidArgumentError(`"${kind}" is not a valid kind of fault. Expected kind= and one of ${kinds}.`);
  }
  const known = ["kind", ...required, ...OPTIONAL_FIELDS];
  for (const name of new Set([...required, ...Object.keys(fields)])) {
    const value = fields[name];
    if (!known.includes(name)) {
      throw new InvalidArgumentError(`"${name}" is not a field of kind=${kind}. Expected ${known.join(", ")}.`);
    }
    if (value === undefined) throw new InvalidArgumentError(`kind=${kind} requires ${name}=.`);
    if (VALUES[name]?.test(value) === false) {
      throw new InvalidArgumentError(
        `"${name}=${value}" is not valid. Expected a value that matches ${VALUES[name].source}.`,
      );
    }
  }
  const numbers = Object.entries(action).map(([name, value]) => [name, Number(value)]);
  return { kind, ...Object.fromEntries(numbers), ...(path !== undefined && { on: { path } }) } as Fault;
}
