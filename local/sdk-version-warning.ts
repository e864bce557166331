export const NO_VERSION_WARNING = "AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED";

/** Suppresses the SDK's warning that its versions of 2027 need Node 22. The project pins an earlier version. */
export function suppressSdkVersionWarning(): void {
  process.env[NO_VERSION_WARNING] ??= "true";
}
