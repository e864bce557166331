/** The IANA names of three letters. Node.js accepts more, such as IST, which stands for three zones. */
const THREE_LETTERS = new Set("CET EET EST GMT HST MET MST PRC ROC ROK UCT UTC WET".split(" "));

/** Every part of an IANA name starts with a capital. `SystemV/…` left the database in 2020, but Node.js accepts it. */
const NAME = /^(?!SystemV\/)[A-Z][^/]*(\/[A-Z][^/]*)*$/;

/**
 * Checks that a text is the exact name of an IANA time zone that this Node.js knows. `Intl` is less strict: it accepts any case,
 * abbreviations, and in newer versions of Node.js offsets.
 * @throws {RangeError} with the reason, without a full stop
 */
export function checkTimeZone(name: string): void {
  const known = knownName(name);
  if (known === undefined) throw new RangeError(`Node.js ${process.versions.node} does not know it`);
  if (known !== name && known.toLowerCase() === name.toLowerCase()) throw new RangeError(`spell it ${known}`);
  if (!NAME.test(name) || (name.length === 3 && !THREE_LETTERS.has(name))) {
    throw new RangeError("it is not a name in the IANA database");
  }
}

function knownName(name: string): string | undefined {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
}
