import Big from "big.js";

const HEIGHT = 12;
/** The longest label of the axis. */
export const LABEL_WIDTH = 18;
const MIN_DIGITS = 6;

/**
 * Returns a line chart for a terminal, with one column per point and the axis at the left. A gap is an empty column marked
 * at the bottom; no line crosses it.
 * @param points decimal numbers; `null` is a gap
 */
export function lineChart(points: readonly (string | null)[]): string {
  const known = points.filter((point) => point !== null).map((point) => new Big(point));
  const [first] = known;
  if (first === undefined) return "nothing to draw: the range contains no values";
  const low = known.reduce((a, b) => (b.lt(a) ? b : a), first);
  const high = known.reduce((a, b) => (b.gt(a) ? b : a), first);
  const span = high.minus(low);
  const rowOf = (value: string) =>
    span.eq(0) ? 0 : Math.round(Number(new Big(value).minus(low).times(HEIGHT - 1)) / Number(span));
  const rows = points.map((point) => (point === null ? null : rowOf(point)));
  const labels = axisLabels(low, span);
  const width = Math.max(...[...labels.values()].map(({ length }) => length));
  const lines = Array.from({ length: HEIGHT }, (_, at) => {
    const row = HEIGHT - 1 - at;
    const axis = labels.get(row) ?? "";
    return `${axis.padStart(width)} ┤${rows.map((of, column) => cell(of, rows[column - 1] ?? null, row)).join("")}`.trimEnd();
  });
  const gaps = rows.map((row) => (row === null ? "·" : " ")).join("");
  return [
    ...lines,
    `${"".padStart(width)} └${"─".repeat(points.length)}`,
    `${"".padStart(width)}  ${gaps}`.trimEnd(),
  ].join("\n");
}

/**
 * Returns the labels by row, with as many digits as distinguish them. If these do not fit, only the lowest is a value; the
 * others are the distance from it and start with `+`.
 */
function axisLabels(low: Big, span: Big): Map<number, string> {
  const rows = span.eq(0) ? [0] : [0, 3, 7, 11];
  const distances = rows.map((row) => span.times(row).div(HEIGHT - 1));
  for (let digits = MIN_DIGITS; digits <= LABEL_WIDTH; digits++) {
    const labels = distances.map((distance) => withCommas(low.plus(distance).prec(digits).toFixed()));
    if (labels.some(({ length }) => length > LABEL_WIDTH)) break;
    if (new Set(labels).size === labels.length) return new Map(rows.map((row, at) => [row, labels[at] ?? ""]));
  }
  return new Map(rows.map((row, at) => [row, row === 0 ? short(low) : `+${short(distances[at] ?? span)}`]));
}

function short(value: Big): string {
  const rounded = value.prec(MIN_DIGITS);
  const text = withCommas(rounded.toFixed());
  return text.length < LABEL_WIDTH ? text : rounded.toExponential();
}

function withCommas(decimal: string): string {
  const [whole = "", fraction] = decimal.split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

/** Returns a point, or a part of the vertical line to the previous point. */
function cell(here: number | null, before: number | null, row: number): string {
  if (here === null) return " ";
  if (here === row) return "●";
  const between = before !== null && row > Math.min(here, before) && row < Math.max(here, before);
  return between ? "│" : " ";
}
