import { MAX_LAYERS } from "./layers.ts";

/** The colours that canvases need, from the style sheet's current colour scheme. */
export interface Colours {
  readonly paper: string;
  readonly ink: string;
  readonly muted: string;
  readonly grid: string;
  readonly gap: string;
  readonly unpriced: string;
  readonly line: string;
  /** One per layer, "other" last. */
  readonly series: readonly string[];
}

let cached: Colours | undefined;

/** Returns the current colours. */
export function colours(): Colours {
  cached ??= readColours();
  return cached;
}

function readColours(): Colours {
  const style = getComputedStyle(document.documentElement);
  const read = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return {
    paper: read("paper"),
    ink: read("ink"),
    muted: read("muted"),
    grid: read("grid"),
    gap: read("gap"),
    unpriced: read("unpriced"),
    line: read("line"),
    series: Array.from({ length: MAX_LAYERS }, (_, index) => read(`series-${index}`)),
  };
}

/** Calls `redraw` when the colour scheme changes, and before and after printing, which uses the light scheme. */
export function watchColours(redraw: () => void): void {
  const update = () => {
    cached = undefined;
    redraw();
  };
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", update);
  addEventListener("beforeprint", () => {
    document.documentElement.dataset["print"] = "";
    update();
  });
  addEventListener("afterprint", () => {
    delete document.documentElement.dataset["print"];
    update();
  });
}
