/** Replaces all environment variables. Returns a function that restores them. */
export function replaceEnv(env: NodeJS.ProcessEnv): () => void {
  const before = process.env;
  process.env = env;
  return () => {
    process.env = before;
  };
}
