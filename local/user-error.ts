/** Something that the user can mend: shown as a sentence and what to type, without a stack. */
export class UserError extends Error {
  readonly mend: string | undefined;
  constructor(message: string, options: { mend?: string; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.mend = options.mend;
  }
}

/** Runs a command's main function; its errors end the process with code 1. */
export async function main(run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (isUsageError(error)) {
      console.error(`rampart: ${error.message}\n  to mend it: see --help`);
      process.exitCode = 2;
    } else if (error instanceof UserError) {
      console.error(`rampart: ${error.message}${error.mend ? `\n  to mend it: ${error.mend}` : ""}`);
      process.exitCode = 1;
    } else {
      throw error;
    }
  }
}

/** What `parseArgs` throws on an option that it doesn't know. */
const isUsageError = (error: unknown): error is Error =>
  error instanceof Error && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS");
