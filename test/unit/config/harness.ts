import { expect } from "@jest/globals";
import { type Environment, readConfig } from "../../../core/config.ts";
import { InputError } from "../../../core/domain/errors.ts";
import { ENV } from "../../../core/names/environment.ts";

/** The variables without a default. */
const REQUIRED = { [ENV.apiKeySecretId]: "cdp-api-key", [ENV.tableName]: "balance-snapshots" };

/** Returns the configuration for these variables and the required ones. */
export function configOf(env: Environment) {
  return readConfig({ ...REQUIRED, ...env });
}

/** Returns the problems with these variables; none if they are valid. */
export function problemsOf(env: Environment, base: Environment = REQUIRED): readonly string[] {
  try {
    readConfig({ ...base, ...env });
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(InputError);
    expect((thrown as InputError).code).toBe("config_invalid");
    return (thrown as InputError).problems;
  }
  return [];
}
