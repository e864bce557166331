/** Returns a count with its noun: `1 snapshot`, `2 snapshots`. */
export function counted(count: number, singular: string, plural = `${singular}s`): string {
  return `${count} ${count === 1 ? singular : plural}`;
}
