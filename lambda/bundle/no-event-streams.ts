// Replaces `@smithy/core/event-streams` in the bundles of the functions. No operation that they call streams events, but every
// client of the SDK refers to the module. Without it, the bundler also leaves out what only this module needs.

function refuse(): never {
  throw new Error("The bundle contains no event streams (see infra/snapshot/function-bundle.ts)");
}

/** Serializes the events of a stream. */
export class EventStreamSerde {
  constructor() {
    refuse();
  }
}

/** Creates the encoder of a client. */
export const eventStreamSerdeProvider = refuse;

/** Returns the configuration of a client as it is. */
export const resolveEventStreamSerdeConfig = <T>(config: T): T => config;
