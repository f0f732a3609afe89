import { exec } from "../../../local/exec.ts";

/** Skips a test on a machine without Go; everything else that is wrong with Go makes it fail. */
export async function needsGo(context: Mocha.Context): Promise<void> {
  try {
    await exec("go", ["version"]);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
    console.log("      skipped: go is not on the PATH");
    context.skip();
  }
}
