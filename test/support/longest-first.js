import Sequencer from "@jest/test-sequencer";

/**
 * Starts the slowest suites first, so that no worker has to wait for them at the end. The streaming suite measures memory,
 * which works best in a new worker.
 */
const FIRST = [
  "faults/",
  "unit/history/streaming",
  "integration/crash",
  "e2e/",
  "simulation/",
  "integration/",
  "infra/",
];

export default class LongestFirst extends Sequencer {
  sort(tests) {
    const rank = ({ path }) => FIRST.findIndex((part) => path.includes(`/test/${part}`)) + 1 || FIRST.length + 1;
    return [...tests].sort((a, b) => rank(a) - rank(b));
  }
}
