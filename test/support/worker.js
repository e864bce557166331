// jest starts its workers with tsx. Programs that tests start are not to inherit that.
delete process.env.NODE_OPTIONS;

// A server that a failed test left open is not to keep the worker alive after all tests.
process.once("disconnect", () => process.exit());
