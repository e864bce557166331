import { MAX_LAYERS } from "./layers.ts";

/** The colours that canvases need, from the style sheet's current colour scheme. */
type Colours = ReturnType<typeof readColours>;

let cached: Colours | undefined;

export function colours(): Colours {
  cached ??= readColours();
  return cached;
}

function readColours() {
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
    /** One per layer, "other" last. */
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
