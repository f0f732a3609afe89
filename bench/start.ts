import { join } from "node:path";
import { exec } from "../local/exec.ts";
import { root } from "../local/paths.ts";
import { measure, show } from "./support/measure.ts";

export const summary = "npm start with all tools there: after npm stop, and while the cluster runs";

export async function run({ json }: { json: boolean }): Promise<Record<string, unknown>> {
  const script = (name: string): Promise<string> => exec(process.execPath, [join(root, "local", name)]);
  await script("start.ts");
  const running = await measure(3, () => script("start.ts"));
  const stopped = await measure(3, async () => {
    await script("stop.ts");
    await script("start.ts");
  });
  if (!json) console.log(`${show("stop, then start", stopped)}\n${show("start again, nothing to change", running)}`);
  return { stopAndStart: stopped, startAgain: running };
}
