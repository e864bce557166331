// Stands in for the Lambda runtime: loads a bundle and calls its handler for each message, one after the other.
// Plain CommonJS, for it runs in a Node process of its own, without a transpiler: the function's memory is its own,
// its environment is what it is given, and it can be killed at any point.
const { handler } = require(process.argv[2]);

process.on("message", async ({ event, remainingMs }) => {
  const end = Date.now() + remainingMs;
  try {
    const result = await handler(event, { getRemainingTimeInMillis: () => end - Date.now() });
    process.send({ result });
  } catch (error) {
    process.send({ error: { errorType: error.name, errorMessage: error.message, code: error.code } });
  }
});
process.on("disconnect", () => process.exit());
process.send({ ready: process.version });
