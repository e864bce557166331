import type { KeyObject } from "node:crypto";

/** A CDP API key that is ready to sign. */
export interface ApiKey {
  /** The key's id: the token's `kid` and `sub`. Not secret. */
  readonly id: string;
  readonly algorithm: "EdDSA" | "ES256";
  readonly privateKey: KeyObject;
}

/** Where the signer gets its key. */
export interface KeySource {
  /** The key, from memory for a few minutes. @throws KeyError */
  current(): Promise<ApiKey>;
  /**
   * To be called when the API answered 401 to `refused`: another key if there is one by now (it was rotated),
   * `undefined` if the key is still the same. @throws KeyError
   */
  afterRefusal(refused: ApiKey): Promise<ApiKey | undefined>;
}
