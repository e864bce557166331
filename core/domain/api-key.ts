import type { KeyObject } from "node:crypto";

/** A CDP API key that is ready to sign. */
export interface ApiKey {
  /** The `kid` and `sub` of the tokens. Not secret. */
  readonly id: string;
  readonly algorithm: "EdDSA" | "ES256";
  readonly privateKey: KeyObject;
}

export interface KeySource {
  /** Returns the key, which may be cached for a few minutes. @throws KeyError */
  current(): Promise<ApiKey>;
  /**
   * Reads the key again after the API responded 401 to `refused`. Returns the new key if it was rotated, or `undefined` if
   * it is still the same. @throws KeyError
   */
  afterRefusal(refused: ApiKey): Promise<ApiKey | undefined>;
}
