import Sequencer from "@jest/test-sequencer";

/**
 * What takes longest, first: processes that are killed two hundred times over must not be what the others wait for. What
 * collects garbage again and again, too: in a worker that is new, there is little to collect.
 */
const FIRST = ["faults/", "unit/history/streaming", "integration/crash", "e2e/", "integration/", "infra/"];

export default class LongestFirst extends Sequencer {
  sort(tests) {
    const rank = ({ path }) => FIRST.findIndex((part) => path.includes(`/test/${part}`)) + 1 || FIRST.length + 1;
    return [...tests].sort((a, b) => rank(a) - rank(b));
  }
}
