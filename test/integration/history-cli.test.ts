import "./history-cli/moments.ts";
import "./history-cli/records.ts";
import "./history-cli/series.ts";

// The commands that read the history, on one table of three accounts: writing it takes as long as many a question. Some of
// them run by npm test -- --testMatch "**/history-cli/series.ts"
