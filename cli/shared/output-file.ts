import { randomUUID } from "node:crypto";
import fs from "node:fs";
import { constants } from "node:os";
import { basename, dirname, extname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { InputError, JobError } from "../../core/domain/errors.ts";
import { type OutputTarget, standardOutput } from "./output.ts";
import { shellWord } from "./shell-word.ts";

/** The formats that a file's ending stands for. Any other ending stands for no format. */
const ENDINGS: Readonly<Record<string, string>> = {
  ".csv": "csv",
  ".json": "json",
  ".jsonl": "json",
  ".ndjson": "json",
  ".parquet": "parquet",
  ".html": "html",
  ".htm": "html",
};

const STDOUT = ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"];

/** The option that names an output file, for messages. */
type OutputOption = "--out" | "--save-transfers";

/** A descriptor that the shell opened, such as that of `>(gzip)`. Opening it again fails, or truncates a file. */
const DESCRIPTOR = /^\/(?:dev|proc\/self)\/fd\/(\d+)$/;

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** For `fchown`: keep the owner as it is. */
const UNCHANGED = -1;

const open = promisify(fs.open);
/** Writes everything, also to a pipe that takes only a part at a time. */
const append = promisify(fs.appendFile) as unknown as (fd: number, content: string | Uint8Array) => Promise<void>;

interface Destination {
  readonly fd: number;
  /** Makes what was written visible. */
  readonly complete?: () => void;
  /** Releases the file. Without `complete`, removes what was written. */
  readonly close: () => void;
}

/**
 * Returns the format that `--format` or else the ending of `--out` selects; `undefined` if neither does.
 * @throws InputError if they contradict each other, or if the command does not write the format
 */
export function formatOf<F extends string>(
  { out = "", format }: { readonly out?: string; readonly format?: F },
  formats: readonly F[],
): F | undefined {
  const byEnding = ENDINGS[extname(out).toLowerCase()];
  if (byEnding === undefined || byEnding === format) return format;
  const supported = formats.find((name) => name === byEnding);
  if (format === undefined && supported !== undefined) return supported;
  const expected = format === undefined ? `the command writes ${formats.join(", ")}` : `--format is ${format}`;
  throw new InputError("usage", [`--out: ${out} ends in ${extname(out)}, but ${expected}. Change the file's ending.`]);
}

/**
 * Writes the file of `--out`, or stdout if it is absent or `-`. A file appears, or is replaced, only when it is complete;
 * a failure or a signal leaves it as it was. A device or a pipe is written through.
 * @param inputs the files that the command reads, by option
 * @param work writes the whole content
 * @param option that names the file
 * @returns what `work` returns
 * @throws InputError if the file cannot be written, before `work` starts
 */
export async function withOutput<T>(
  out: string | undefined,
  inputs: Readonly<Record<string, readonly string[]>>,
  work: (target: OutputTarget) => Promise<T>,
  option: OutputOption = "--out",
): Promise<T> {
  if (out === undefined || isStdout(out)) return work(standardOutput);
  const { fd, complete, close } = await openDestination(out, inputs, option);
  const orFail = async <V>(step: () => V | Promise<V>) => {
    try {
      return await step();
    } catch (thrown) {
      throw outputError(`${option}: writing ${out}`, thrown, complete !== undefined);
    }
  };
  try {
    const result = await work({ path: out, write: (content) => orFail(() => append(fd, content)) });
    if (complete !== undefined) await orFail(complete);
    return result;
  } finally {
    close();
  }
}

/** Returns whether the value of an option stands for stdout. */
export function isStdout(out: string): boolean {
  return STDOUT.includes(out);
}

async function openDestination(
  out: string,
  inputs: Readonly<Record<string, readonly string[]>>,
  option: OutputOption,
): Promise<Destination> {
  const descriptor = DESCRIPTOR.exec(out)?.[1];
  try {
    if (descriptor !== undefined) {
      if (!isOfShell(fs.fstatSync(Number(descriptor)))) throw new InputError("usage", [notOpen(`${option}: ${out}`)]);
      return { fd: Number(descriptor), close: () => {} };
    }
    const existing = fs.statSync(out, { throwIfNoEntry: false });
    if (existing?.isDirectory() || basename(out) === "" || out.endsWith("/")) {
      throw new InputError("usage", [`${option}: ${out || '""'} is a folder. Expected the path of a file.`]);
    }
    if (existing !== undefined && !existing.isFile()) {
      const fd = await open(out, "w");
      return { fd, close: () => fs.closeSync(fd) };
    }
    if (existing !== undefined) {
      assertNoInput(`${option}: ${out}`, existing, inputs);
      fs.accessSync(out, fs.constants.W_OK);
    }
    return openReplacement(targetOf(out), existing);
  } catch (thrown) {
    if (thrown instanceof InputError) throw thrown;
    throw new InputError("usage", [unwritable(out, option, thrown as NodeJS.ErrnoException)]);
  }
}

/** Opens a new file beside `path`, which replaces it when it is complete. */
function openReplacement(path: string, existing: fs.Stats | undefined): Destination {
  // The name is short, because that of `path` may be as long as the file system allows.
  const temporary = join(dirname(path), `.${randomUUID()}.partial`);
  const release = removeAtExit(temporary);
  try {
    // "x" fails if the name exists, even as a link: nobody can direct the content elsewhere.
    const fd = fs.openSync(temporary, "wx", existing === undefined ? 0o666 : existing.mode & 0o777);
    const complete = () => {
      if (existing !== undefined) keepAccess(fd, existing);
      fs.fsyncSync(fd);
      fs.renameSync(temporary, path);
    };
    const close = () => {
      fs.closeSync(fd);
      release();
    };
    return { fd, complete, close };
  } catch (thrown) {
    release();
    throw thrown;
  }
}

/** Gives a new file the owner, the group and the mode of the file that it replaces. Only root may change the owner. */
function keepAccess(fd: number, { uid, gid, mode }: fs.Stats): void {
  for (const owner of [uid, UNCHANGED]) {
    try {
      fs.fchownSync(fd, owner, gid);
      break;
    } catch (thrown) {
      // Some file systems know no owners.
      const { code = "" } = thrown as NodeJS.ErrnoException;
      if (!["EPERM", "EINVAL", "ENOSYS", "ENOTSUP"].includes(code)) throw thrown;
    }
  }
  // After the owner, because a change of owner clears bits of the mode. The umask may have removed others.
  fs.fchmodSync(fd, mode & 0o7777);
}

/** Removes a file when the process ends, also by a signal, or when the returned function is called. */
function removeAtExit(path: string): () => void {
  const remove = () => fs.rmSync(path, { force: true });
  const exit = (signal: NodeJS.Signals) => process.exit(128 + constants.signals[signal]);
  process.once("exit", remove);
  for (const signal of SIGNALS) process.once(signal, exit);
  return () => {
    remove();
    process.removeListener("exit", remove);
    for (const signal of SIGNALS) process.removeListener(signal, exit);
  };
}

/** Returns the path of the file to which `path` leads through links, also if the file does not exist yet. */
function targetOf(path: string): string {
  try {
    return fs.realpathSync(path);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== "ENOENT") throw thrown;
  }
  const folder = fs.realpathSync(dirname(path));
  const link = fs.lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ? fs.readlinkSync(path) : undefined;
  return link === undefined ? join(folder, basename(path)) : targetOf(resolve(folder, link));
}

function assertNoInput(
  output: string,
  { dev, ino }: fs.Stats,
  inputs: Readonly<Record<string, readonly string[]>>,
): void {
  for (const [option, paths] of Object.entries(inputs)) {
    for (const path of paths) {
      const input = fs.statSync(path, { throwIfNoEntry: false });
      if (input?.dev !== dev || input.ino !== ino) continue;
      throw new InputError("usage", [`${output} is also the file of ${option}. Choose another file.`]);
    }
  }
}

/** Whether a shell can have opened a descriptor. If it did not, the descriptor can be one of Node.js itself, which has none of these types. */
function isOfShell(found: fs.Stats): boolean {
  return found.isFile() || found.isFIFO() || found.isSocket() || found.isCharacterDevice();
}

function notOpen(output: string): string {
  const direct = `node ${shellWord(process.argv[1] ?? "cli/bin.js")}`;
  return `${output} is not open. npm and npx do not pass it to the command. Start the command without them: ${direct} …`;
}

function unwritable(out: string, option: OutputOption, { code }: NodeJS.ErrnoException): string {
  if (code === "ENOENT" || code === "ENOTDIR") {
    return `${option}: the folder ${dirname(out)} does not exist. Create it, or choose another folder.`;
  }
  if (code === "EBADF") return notOpen(`${option}: ${out}`);
  return `${option}: cannot write ${out} (${code}). Change its permissions or those of its folder, or choose another file.`;
}

function outputError(what: string, thrown: unknown, isFile: boolean): JobError {
  const { message } = thrown as NodeJS.ErrnoException;
  const fix = isFile ? "The file was left as it was. Free some space, or choose another folder." : undefined;
  const details = { cause: thrown, suggestedFix: fix };
  return new JobError("output_failed", `${what} failed: ${message}.`, details);
}
