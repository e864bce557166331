import { availableParallelism } from "node:os";

// A .ts configuration is not read by Node 20, and swc does not check types: `npm run check` does that beside it.
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
  modulePathIgnorePatterns: ["<rootDir>/cdk.out", "<rootDir>/.local"],
  globalSetup: "<rootDir>/test/support/leak-start.js",
  globalTeardown: "<rootDir>/test/support/leak-search.js",
  testSequencer: "<rootDir>/test/support/longest-first.js",
  testTimeout: 60_000,
  // By itself jest leaves one of two cores idle; and some suites do nothing but wait, for sockets and for slots.
  // A number: "150%" means 150 workers to jest.
  maxWorkers: Math.ceil(availableParallelism() * 1.5),
  // What a suite loaded stays in its worker's memory: a worker grows to 2 GB, and collecting garbage in it takes most of its time.
  workerIdleMemoryLimit: "350MB",
};
