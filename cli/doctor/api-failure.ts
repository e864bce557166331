import { toJobError } from "../../core/domain/errors.ts";

/** A failed API request as a check reports it. */
export interface ApiFailure {
  readonly message: string;
  readonly suggestedFix: string;
}

/** Returns what happened to an API request and how to fix it. A 401 needs a longer analysis: see `api-access.ts`. */
export function apiFailure(thrown: unknown): ApiFailure {
  const { message, suggestedFix = "Run the doctor again." } = toJobError(thrown);
  return { message, suggestedFix };
}
