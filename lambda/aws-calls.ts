/** A call to AWS is given up and tried again after so long: a run's reserve must be enough for all attempts. */
export const AWS_CALLS = {
  maxAttempts: 4,
  requestHandler: { connectionTimeout: 2000, requestTimeout: 3000, throwOnRequestTimeout: true },
};
