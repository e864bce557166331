/** Ends the test run when a suite takes too long, for instance because a test waits forever. */
export default class TimeLimit {
  timers = new Map();

  constructor(_globalConfig, { minutes }) {
    this.minutes = minutes;
  }

  onTestFileStart({ path }) {
    const fail = () => {
      process.stderr.write(
        `${path}: not finished after ${this.minutes} minutes. Look for a test that waits forever.\n`,
      );
      process.exit(1);
    };
    this.timers.set(path, setTimeout(fail, this.minutes * 60_000));
  }

  onTestFileResult({ path }) {
    clearTimeout(this.timers.get(path));
  }
}
