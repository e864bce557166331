// Replaces `@aws-sdk/middleware-endpoint-discovery` in the bundles of the functions. The client of DynamoDB configures it, but the
// operations that the functions call do not use it. It contains an additional cache.

/** How the client reads the setting: always off. */
export const NODE_ENDPOINT_DISCOVERY_CONFIG_OPTIONS = {
  environmentVariableSelector: () => undefined,
  configFileSelector: () => undefined,
  default: false,
};

/** Returns the configuration of a client as it is. */
export const resolveEndpointDiscoveryConfig = <T>(config: T): T => config;
