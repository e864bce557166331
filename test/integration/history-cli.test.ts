import "./history-cli/moments.ts";
import "./history-cli/records.ts";
import "./history-cli/series.ts";

// The reading commands share one table of three accounts, because writing it is slow. To run a part:
// npm test -- --testMatch "**/history-cli/series.ts"
