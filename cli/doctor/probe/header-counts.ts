import { shownName } from "./shown-name.ts";

/** In how many responses a header was, and its values where they cannot contain data. */
interface HeaderCount {
  readonly responses: number;
  /** In the order of their first appearance. */
  readonly values?: readonly string[];
}
export type HeaderCounts = Map<string, HeaderCount>;

/** The headers whose values matter to a client, with the values that are shown. Any other value is shown as "other". */
const SHOWN_VALUES: Readonly<Record<string, RegExp>> = {
  age: /^\d{1,6}$/,
  "cache-control": /^((private|public|no-store|no-cache|must-revalidate|max-age=\d{1,8})(, ?(?!$)|$))+$/,
  "cf-cache-status": /^(HIT|MISS|DYNAMIC|BYPASS|EXPIRED|STALE|REVALIDATED)$/,
  "content-encoding": /^(gzip|br|zstd|deflate)$/,
  "content-type": /^(application\/(problem\+)?json|text\/(html|plain))(; ?charset=utf-8)?$/i,
  "retry-after": /^\d{1,6}$/,
};
/**
 * The values of these are limits, what is left of them, and times: a number, or parameters with one. Other parameters can
 * identify the caller: `pk` in https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/
 */
const RATE_LIMIT = /^(x-)?rate-?limit(-(limit|remaining|reset|policy))?$/;
const NUMBER = /^\d{1,10}$/;
const PARAMETER = /(?<![\w-])(?:limit|remaining|reset|window|[rtqw])=\d{1,10}(?!\w)/g;

const NAME = /^[a-z][a-z0-9-]{0,39}$/;
const MAX_VALUES = 5;

/** Counts the headers of a response. */
export function countHeaders(counts: HeaderCounts, headers: ReadonlyMap<string, string>): void {
  for (const [header, value] of headers) {
    const name = shownName(header, NAME, counts);
    const { responses = 0, values = [] } = counts.get(name) ?? {};
    const shown = shownValue(name, value);
    const distinct = [...new Set(shown === undefined ? values : [...values, shown])].slice(0, MAX_VALUES);
    counts.set(name, { responses: responses + 1, ...(distinct.length > 0 && { values: distinct }) });
  }
}

function shownValue(name: string, value: string): string | undefined {
  if (RATE_LIMIT.test(name)) {
    if (NUMBER.test(value)) return value;
    return value.match(PARAMETER)?.slice(0, MAX_VALUES).join(" ") ?? "other";
  }
  const pattern = SHOWN_VALUES[name];
  return pattern && (pattern.test(value) ? value : "other");
}
