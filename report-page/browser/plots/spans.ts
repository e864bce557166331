import type { View } from "../state/view.ts";

/** Calls it for each longest run of steps that pass the test. */
export function eachRun(
  first: number,
  last: number,
  test: (step: number) => boolean,
  run: (from: number, to: number) => void,
): void {
  for (let step = first; step <= last; step++) {
    if (!test(step)) continue;
    const from = step;
    while (step < last && test(step + 1)) step++;
    run(from, step);
  }
}

/** When a step ends: where the next one starts. Seconds, as the plots have them. */
export function endOfStep({ times, period }: View, step: number): number {
  return (times[step + 1] ?? (times[step] ?? 0) + period) / 1000;
}
