import Sequencer from "@jest/test-sequencer";

/** What takes longest, first: processes that are killed two hundred times over must not be what the others wait for. */
const FIRST = ["e2e/crash", "e2e/", "integration/", "infra/"];

export default class LongestFirst extends Sequencer {
  sort(tests) {
    const rank = ({ path }) => FIRST.findIndex((part) => path.includes(`/test/${part}`)) + 1 || FIRST.length + 1;
    return [...tests].sort((a, b) => rank(a) - rank(b));
  }
}
