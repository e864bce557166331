// Replaces the Lambda runtime: loads a bundle and calls its handler once per message.
// It runs in a separate Node process without a transpiler, hence CommonJS. The function has its own memory, receives only
// the given environment, and can be killed at any point.
const { handler } = require(process.argv[2]);

process.on("message", async ({ event, remainingMs }) => {
  const end = Date.now() + remainingMs;
  try {
    const result = await handler(event, { getRemainingTimeInMillis: () => end - Date.now() });
    process.send({ result, peakMb: peakMb() });
  } catch (error) {
    process.send({ error: { errorType: error.name, errorMessage: error.message, code: error.code }, peakMb: peakMb() });
  }
});
/** The most memory that the process has had so far, as Lambda reports it after each invocation. */
function peakMb() {
  return Math.round(process.resourceUsage().maxRSS / 1024);
}
process.on("disconnect", () => process.exit());
process.send({ ready: process.version });
