import { fileURLToPath } from "node:url";
import { Duration, RemovalPolicy } from "aws-cdk-lib";
import { Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Architecture, type ILayerVersion, LoggingFormat, Runtime } from "aws-cdk-lib/aws-lambda";
import { LogLevel, NodejsFunction, OutputFormat } from "aws-cdk-lib/aws-lambda-nodejs";
import { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";

/** Lambda keeps an asynchronous event for at most six hours: `MaximumEventAgeInSeconds`, 60 to 21600. */
const LONGEST_EVENT_AGE = Duration.hours(6);

/** The path of a file of this project. */
const at = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));

/** What differs from one deployment to another. */
export interface SnapshotFunctionProps {
  /** Environment variables by their names in `ENV`. What is missing here is the function's default. */
  readonly environment: Readonly<Record<string, string>>;
  /** An event that is older is worthless: its slot would be refused. */
  readonly latenessLimit: Duration;
  readonly layers?: ILayerVersion[] | undefined;
}

/** The Lambda function that takes the snapshots. It may log, and nothing else until something is granted to it. */
export class SnapshotFunction extends Construct {
  readonly fn: NodejsFunction;

  constructor(scope: Construct, id: string, props: SnapshotFunctionProps) {
    super(scope, id);
    const logGroup = new LogGroup(this, "Logs", {
      retention: RetentionDays.ONE_YEAR,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    // A role of its own, for the managed AWSLambdaBasicExecutionRole may write to every log group of the account.
    const role = new Role(this, "Role", {
      assumedBy: new ServicePrincipal("lambda.amazonaws.com"),
    });
    logGroup.grantWrite(role);

    this.fn = new NodejsFunction(this, "Function", {
      description: "Records what the configured Coinbase accounts hold, one snapshot per account and slot",
      entry: at("lambda/handler.ts"),
      // Named, for both would be looked for from the folder in which the command happens to run.
      projectRoot: at("."),
      depsLockFilePath: at("package-lock.json"),
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: 512,
      timeout: Duration.minutes(15),
      role,
      logGroup,
      loggingFormat: LoggingFormat.JSON,
      environment: {
        POWERTOOLS_SERVICE_NAME: "cdp-balance-snapshots",
        ...props.environment,
      },
      layers: props.layers ?? [],
      maxEventAge:
        props.latenessLimit.toSeconds() < LONGEST_EVENT_AGE.toSeconds() ? props.latenessLimit : LONGEST_EVENT_AGE,
      retryAttempts: 2,
      // The variable that it sets is for version 2 of the SDK; version 3 keeps its connections alive anyway.
      awsSdkConnectionReuse: false,
      bundling: {
        // CommonJS by module,main loads fastest; node20, for the same bundle runs locally under Node 20 too.
        format: OutputFormat.CJS,
        mainFields: ["module", "main"],
        target: "node20",
        // The SDK as it was tested, not as the runtime happens to have it.
        externalModules: [],
        // Not minified: 1.1 MB loads as fast as 0.5 MB that is minified with names kept (1.01 ×, measured on Node 24).
        // So stack traces need no source map, errors keep their names, and the code can be read in the console.
        minify: false,
        logLevel: LogLevel.WARNING,
      },
    });
  }
}
