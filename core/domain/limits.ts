// Limits that the functions, the command line and the stack share.

/** The maximum length of an invocation, in milliseconds: Lambda's time limit, and that of a run from the command line. */
export const MAX_RUN_MS = 15 * 60_000;

/** The API's limit is on reads "in any rolling 10 seconds". Source: the API's rate limits page. */
export const LIMIT_WINDOW_MS = 10_000;

/** That limit: requests in such a window. */
export const API_READ_LIMIT = 600;

/** The maximum number of accounts that are walked concurrently, and the default: as many as were measured to fit the memory. */
export const MAX_ACCOUNTS_AT_ONCE = 320;

/** The maximum number of API keys of a deployment. */
export const MAX_KEYS = 20;
