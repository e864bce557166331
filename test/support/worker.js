// Node.js loads this module first in jest and in each of its workers: see the script "test" in package.json.

import { setFlagsFromString } from "node:v8";

if (process.env.TINYPOOL_WORKER_ID !== undefined) {
  // Programs that tests start must not inherit the options of the workers.
  delete process.env.NODE_OPTIONS;

  // The output of commands must not depend on the width of the terminal in which the tests run.
  delete process.env.COLUMNS;

  // Most functions run too rarely in a test to be worth compiling: V8 optimizes a function later than by default (132 KB of
  // executed bytecode), which saves a sixth of the processor time.
  setFlagsFromString("--interrupt-budget=1000000");

  // A server that a failed test left open must not keep the worker alive after all tests.
  process.once("disconnect", () => process.exit());

  repeatSettings();
}

/**
 * jest-light-runner 0.8.2 sends its settings to all workers as soon as the first one asks for them. A worker that listens only
 * later would wait for them forever. So this keeps the settings, and passes them to the listener when it is added.
 */
function repeatSettings() {
  let settings;
  const keep = (message) => {
    if (message?.type === "jest-light-runner-worker-data") settings = message;
  };
  const pass = (event, listener) => {
    if (event !== "message" || listener === keep) return;
    if (settings !== undefined) {
      process.off("newListener", pass).off("message", keep);
      queueMicrotask(() => listener(settings));
    } else if (!process.listeners("message").includes(keep)) {
      // Messages wait until there is a listener. So the first one must be the one that the worker itself adds.
      queueMicrotask(() => process.on("message", keep));
    }
  };
  process.on("newListener", pass);
}
