import { availableParallelism } from "node:os";

/** See test/support/exhaustive.ts. */
const exhaustive = process.env.EXHAUSTIVE !== undefined;

// Node 20 cannot load a .ts configuration.
export default {
  // Runs suites as Node.js runs any module. jest's own runner puts each suite into a sandbox and loads all modules again,
  // which takes more time than most tests. tsx compiles TypeScript; `npm run check` checks the types.
  runner: "jest-light-runner/child-process",
  transform: {},
  // Jest lists all files of these folders, but not those of node_modules.
  roots: ["<rootDir>/test"],
  watchman: false,
  testMatch: ["<rootDir>/test/**/*.test.ts"],
  // Tests of test/exhaustive check what rarely breaks and takes long.
  testPathIgnorePatterns: ["/node_modules/", ...(exhaustive ? [] : ["<rootDir>/test/exhaustive/"])],
  globalSetup: "<rootDir>/test/support/leak-start.js",
  globalTeardown: "<rootDir>/test/support/leak-search.js",
  reporters: ["default", ["<rootDir>/test/support/time-limit.js", { minutes: exhaustive ? 60 : 10 }]],
  testSequencer: "<rootDir>/test/support/longest-first.js",
  // By default jest leaves one of two cores idle. More workers than cores would each load all modules, too.
  maxWorkers: availableParallelism(),
};
