import { synthesizeFunction } from "../../demo/deployed-function.ts";
import { LOCAL_TABLE } from "../../local/dynamodb/embedded-dynamodb.ts";

// This module is a program, which deployed.ts forks. Its argument is the stack's configuration.
const configuration = JSON.parse(process.argv[2] ?? "{}");
process.on("disconnect", () => process.exit());
process.send?.(synthesizeFunction(configuration, { tableName: LOCAL_TABLE, secretId: LOCAL_TABLE }));
