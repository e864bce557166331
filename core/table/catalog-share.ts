import type { CatalogContent } from "./catalog-content.ts";

/**
 * What the catalogs of several runs in one process have in common. Runs that start at the same time read the whole catalog once:
 * that of 100,000 accounts does not fit into the memory several times.
 */
export class CatalogShare {
  #reading: Promise<CatalogContent> | undefined;
  /** Ends when the descriptions of the last snapshot are registered: accounts must not contend. */
  #lastAssets: Promise<unknown> = Promise.resolve();

  /** Returns the content that is being read, or else reads it. What one catalog registers is in the content of all. */
  read(start: () => Promise<CatalogContent>): Promise<CatalogContent> {
    if (this.#reading === undefined) {
      const reading = start().finally(() => {
        if (this.#reading === reading) this.#reading = undefined;
      });
      this.#reading = reading;
    }
    return this.#reading;
  }

  /** Registers descriptions of assets, after those before have been. @param register must not throw */
  assetsInTurn<T>(register: () => Promise<T>): Promise<T> {
    const registered = this.#lastAssets.then(register);
    this.#lastAssets = registered;
    return registered;
  }
}
