/** The colours that canvases need, as the style sheet has them for the scheme in use. */
export interface Colours {
  readonly paper: string;
  readonly ink: string;
  readonly muted: string;
  readonly grid: string;
  readonly gap: string;
  readonly unpriced: string;
  readonly line: string;
  /** One for each asset that is shown by itself, then that of "other". */
  readonly series: readonly string[];
}

const SERIES = 9;

let known: Colours | undefined;

/** The colours in use. */
export function colours(): Colours {
  if (known) return known;
  const style = getComputedStyle(document.documentElement);
  const read = (name: string) => style.getPropertyValue(`--${name}`).trim();
  known = {
    paper: read("paper"),
    ink: read("ink"),
    muted: read("muted"),
    grid: read("grid"),
    gap: read("gap"),
    unpriced: read("unpriced"),
    line: read("line"),
    series: Array.from({ length: SERIES }, (_, at) => read(`series-${at}`)),
  };
  return known;
}

/** Calls `redraw` when the scheme changes, and before and after printing, which is always on white. */
export function watchColours(redraw: () => void): void {
  const anew = () => {
    known = undefined;
    redraw();
  };
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", anew);
  addEventListener("beforeprint", () => {
    document.documentElement.dataset["print"] = "";
    anew();
  });
  addEventListener("afterprint", () => {
    delete document.documentElement.dataset["print"];
    anew();
  });
}
