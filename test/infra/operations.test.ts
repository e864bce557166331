import "./operations/alarm-windows.ts";
import "./operations/alarms.ts";
import "./operations/console-links.ts";
import "./operations/dashboard.ts";
import "./operations/docs.ts";
import "./operations/outputs.ts";
import "./operations/runbook.ts";
import "./operations/saved-queries.ts";
import "./operations/test-events.ts";

// What people see, ask, and are told. All in one file, for jest loads aws-cdk-lib anew for each. A single one runs by
// npm test -- --testMatch "**/infra/operations/alarms.ts"
