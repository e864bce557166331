// Replaces the Lambda runtime: loads a bundle and calls its handler once per message.
// It runs in a separate Node process without a transpiler, hence CommonJS. The function has its own memory, receives only
// the given environment, and can be killed at any point.
const { handler } = require(process.argv[2]);

process.on("message", async ({ event, remainingMs }) => {
  const end = Date.now() + remainingMs;
  const cpuBefore = process.cpuUsage();
  try {
    const result = await handler(event, { getRemainingTimeInMillis: () => end - Date.now() });
    process.send({ result, ...used(cpuBefore) });
  } catch (error) {
    const { name: errorType, message: errorMessage, code } = error;
    process.send({ error: { errorType, errorMessage, code }, ...used(cpuBefore) });
  }
});
/** The most memory that the process has had so far, as Lambda reports it, and the CPU time of the invocation. */
function used(cpuBefore) {
  const { user, system } = process.cpuUsage(cpuBefore);
  return { peakMb: Math.round(process.resourceUsage().maxRSS / 1024), cpuMs: (user + system) / 1000 };
}
process.on("disconnect", () => process.exit());
process.send({ ready: process.version });
