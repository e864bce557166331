/** An account id. Source: the API's OpenAPI document, schema AccountId. */
export const ACCOUNT_ID = /^account_[a-f0-9-]{36}$/;

/** The name of an API key in the configuration. It is part of alarm names, metric dimensions and sort keys. */
export const KEY_NAME = /^[a-z][a-z0-9-]{0,19}$/;

/** That pattern in words. */
export const KEY_NAME_RULE = "a lowercase letter, then up to 19 lowercase letters, digits and hyphens";

/** An asset, or an asset of one account, whose moves are explained: `usdc`, `account_…/usdc`. */
export const EXPLAINED_ASSET = /^(account_[a-f0-9-]{36}\/)?[^/\s]{1,42}$/;
