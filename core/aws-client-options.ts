/** A call to AWS is given up and tried again after so long: a run's reserve must be enough for all attempts. */
export const JOB_CLIENT_OPTIONS = {
  maxAttempts: 4,
  requestHandler: { connectionTimeout: 2000, requestTimeout: 3000, throwOnRequestTimeout: true },
};

/**
 * Who reads the history has no deadline, and can ask a busy table, or the embedded one on a busy machine, for a year by the
 * hour of many accounts at once: to ask again would only make it busier.
 */
export const READER_CLIENT_OPTIONS = {
  maxAttempts: JOB_CLIENT_OPTIONS.maxAttempts,
  requestHandler: { ...JOB_CLIENT_OPTIONS.requestHandler, requestTimeout: 60_000 },
};
