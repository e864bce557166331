import { EXHAUSTIVE } from "./exhaustive.ts";

const EVERY_TIME_ZONE = Intl.supportedValuesOf("timeZone");

/** Every tenth time zone that Node.js knows, from Africa to Pacific; all 400 in `npm run test:exhaustive`. */
export const SOME_TIME_ZONES: readonly string[] = EVERY_TIME_ZONE.filter((_, at) => EXHAUSTIVE || at % 10 === 0);
