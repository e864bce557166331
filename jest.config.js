import { availableParallelism } from "node:os";

/** See test/support/exhaustive.ts. */
const exhaustive = process.env.EXHAUSTIVE !== undefined;

// Node 20 cannot load a .ts configuration. swc does not check types; `npm run check` does.
export default {
  testMatch: ["<rootDir>/test/**/*.test.ts"],
  extensionsToTreatAsEsm: [".ts"],
  transform: {
    "^.+\\.ts$": [
      "@swc/jest",
      { jsc: { target: "es2023", parser: { syntax: "typescript" } }, module: { type: "es6" } },
    ],
  },
  testEnvironment: "<rootDir>/test/support/environment.js",
  // Tests of test/exhaustive check what rarely breaks and takes long.
  testPathIgnorePatterns: ["/node_modules/", ...(exhaustive ? [] : ["<rootDir>/test/exhaustive/"])],
  modulePathIgnorePatterns: ["<rootDir>/cdk.out", "<rootDir>/.local"],
  globalSetup: "<rootDir>/test/support/leak-start.js",
  globalTeardown: "<rootDir>/test/support/leak-search.js",
  testSequencer: "<rootDir>/test/support/longest-first.js",
  testTimeout: exhaustive ? 3_600_000 : 120_000,
  // By default jest leaves one of two cores idle, and some suites mostly wait. Jest takes "150%" for 150 workers.
  maxWorkers: exhaustive ? availableParallelism() : Math.ceil(availableParallelism() * 1.5),
  // Modules stay in a worker's memory after each suite. Without a limit, garbage collection takes most of the time.
  ...(!exhaustive && { workerIdleMemoryLimit: "1200MB" }),
};
