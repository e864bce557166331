import { isObject } from "../../core/domain/json.ts";
import { isSameSecret } from "./api-key-conflicts.ts";
import { pathOf } from "./api-keys.ts";
import type { ConfigurationProps } from "./props.ts";
import type { Resources } from "./resources.ts";

/** Returns a problem for each secret of the application that conflicts with the configuration, or with another secret. */
export function findSecretProblems(secrets: Resources["secrets"], given: ConfigurationProps): string[] {
  const keys = isObject(given.keys) ? given.keys : undefined;
  const topLevel = secrets.has(undefined) && keys !== undefined;
  const [first] = Object.keys(keys ?? {});
  const twice = [...secrets.keys()].filter(
    (key) => (key === undefined ? given : keys?.[key])?.secretName !== undefined,
  );
  return [
    ...(topLevel ? [`secret: given with keys; expected in a key, such as ${pathOf(first)}secret`] : []),
    ...twice.map((key) => `${pathOf(key)}secret: given with ${pathOf(key)}secretName; expected one of them`),
    ...(keys === undefined || given.sharedReadLimit === true ? [] : findRepeatedSecrets(secrets, keys)),
  ];
}

/** Keys of the API share its limit, whatever it counts, if they have one secret. `findApiKeyConflicts` compares only texts. */
function findRepeatedSecrets(secrets: Resources["secrets"], keys: NonNullable<ConfigurationProps["keys"]>): string[] {
  const all = Object.entries(keys).map(([name, fields]) => {
    const secret = secrets.get(name);
    if (secret === undefined) return { name, field: "secretName", id: fields?.secretName };
    return { name, field: "secret", id: secret.secretFullArn ?? secret.secretName };
  });
  return all.flatMap(({ name, field, id }, i) => {
    const same = all.slice(0, i).filter((other) => other.field === "secret" || field === "secret");
    const other = same.find((one) => isSameSecret(one.id, id));
    const expected = "another secret, or sharedReadLimit true";
    return other === undefined
      ? []
      : [`${pathOf(name)}${field}: given the secret of keys.${other.name}; expected ${expected}`];
  });
}
