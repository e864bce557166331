/**
 * Receives nothing. A client without a logger, or with one that has `info` and `error`, copies the input and output of every call
 * for it: half of the processor time of a put with 100 assets.
 */
export const NO_LOGGER = { trace: () => {}, debug: () => {}, warn: () => {} } as unknown as Console;

/** AWS calls of the functions. All attempts of one call must fit into the time that a run keeps in reserve. */
export const JOB_CLIENT_OPTIONS = {
  logger: NO_LOGGER,
  maxAttempts: 4,
  requestHandler: { connectionTimeout: 2000, requestTimeout: 3000, throwOnRequestTimeout: true },
};

/**
 * AWS calls of commands that read the history. They have no deadline, so they wait for a busy table instead of sending
 * the request again, which would make the table busier.
 */
export const READER_CLIENT_OPTIONS = {
  logger: NO_LOGGER,
  maxAttempts: JOB_CLIENT_OPTIONS.maxAttempts,
  requestHandler: { ...JOB_CLIENT_OPTIONS.requestHandler, requestTimeout: 60_000 },
};
