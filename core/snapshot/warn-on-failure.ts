import { toJobError } from "../domain/errors.ts";
import type { Telemetry } from "../domain/ports.ts";
import type { Slot } from "../domain/slot.ts";

/**
 * Returns the result of an action that must not cost a snapshot. If it fails, reports a warning and returns `undefined`.
 * @param message what the failure means, for the log
 */
export async function warnOnFailure<T>(
  { telemetry }: { readonly telemetry: Telemetry },
  message: string,
  where: { readonly accountId?: string; readonly slot?: Slot },
  action: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await action();
  } catch (thrown) {
    telemetry.warning(message, toJobError(thrown), where);
    return undefined;
  }
}
