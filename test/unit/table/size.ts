import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { RawItem } from "./embedded.ts";

/**
 * Returns the size of an item in bytes, by an independent implementation of DynamoDB's rules: names and strings in UTF-8;
 * a list or map 3 bytes plus 1 for each element; NULL 1; a number 1 plus 1 for every two significant digits.
 */
export function bytesOfItem(item: RawItem): number {
  return Object.entries(item).reduce((bytes, [name, value]) => bytes + utf8(name) + bytesOf(value), 0);
}

function bytesOf(value: AttributeValue): number {
  if (value.S !== undefined) return utf8(value.S);
  if (value.N !== undefined) return 1 + Math.ceil(value.N.replace(/^0+|0+$|[-.]/g, "").length / 2);
  if (value.NULL !== undefined) return 1;
  if (value.L !== undefined) return 3 + value.L.reduce((bytes, element) => bytes + 1 + bytesOf(element), 0);
  if (value.M !== undefined) return 3 + bytesOfItem(value.M) + Object.keys(value.M).length;
  throw new Error(`There is no rule for ${JSON.stringify(value)}`);
}

function utf8(text: string): number {
  return new TextEncoder().encode(text).length;
}
