import { expect } from "@jest/globals";
import { type Environment, readConfig } from "../../../core/config.ts";
import { InputError } from "../../../core/domain/errors.ts";
import { ENV } from "../../../core/names/environment.ts";

/** What has no default. */
const NEEDED = { [ENV.apiKeySecretId]: "cdp-api-key", [ENV.tableName]: "balance-snapshots" };

/** The configuration by these variables and what is needed beside them. */
export function configOf(env: Environment) {
  return readConfig({ ...NEEDED, ...env });
}

/** What is wrong with these variables; nothing if they are taken. */
export function problemsOf(env: Environment, base: Environment = NEEDED): readonly string[] {
  try {
    readConfig({ ...base, ...env });
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(InputError);
    expect((thrown as InputError).code).toBe("config_invalid");
    return (thrown as InputError).problems;
  }
  return [];
}
