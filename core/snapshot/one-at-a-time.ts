/** Runs an action when those before it have ended, and returns its result. */
export type OneAtATime = <T>(action: () => Promise<T>) => Promise<T>;

/** Returns a function that runs actions one at a time, in the order of the calls. An action that fails delays no other. */
export function oneAtATime(): OneAtATime {
  let last: Promise<unknown> = Promise.resolve();
  return (action) => {
    const result = last.then(action);
    last = result.catch(() => {});
    return result;
  };
}
