/**
 * EventBridge Scheduler invokes the function up to this many seconds after the slot.
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
 */
const DELIVERY_SECONDS = 60;

/**
 * The pauses before Lambda's first and second retry of a run that failed, in seconds.
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
 */
const RETRY_PAUSES_SECONDS = [60, 120];

/**
 * Returns how many of Lambda's two retries begin before the slot is too late, however late it was delivered, if the failed
 * attempts take no time. With a period of five minutes or more, both do.
 * @param latenessSeconds the lateness limit, at most one period of the schedule
 */
export function retriesInTime(latenessSeconds: number): number {
  let begins = DELIVERY_SECONDS;
  return RETRY_PAUSES_SECONDS.filter((pause) => {
    begins += pause;
    return begins < latenessSeconds;
  }).length;
}
