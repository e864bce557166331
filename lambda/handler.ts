export const handler = async (): Promise<string> =>
  "stand-in of the infra tests";
