import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { root } from "../../local/paths.ts";

const scripts: Readonly<Record<string, string>> = JSON.parse(readFileSync(join(root, "package.json"), "utf8")).scripts;
const builtIn = ["install", "ci"];

/** Links to files that aren't there, and npm commands that don't exist, in what people read. */
export function wrongInDocs(): string[] {
  const files = globSync("**/*.md", { cwd: root, exclude: (name) => name === "node_modules" || name === ".rampart" });
  return files.flatMap((file) => {
    const text = readFileSync(join(root, file), "utf8");
    const links = [...text.matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)[^)]*\)/g)].map(([, link]) => link!);
    const commands = [...text.matchAll(/\bnpm (?:run (?:-s |--silent )?([a-z][\w:-]*)|(start|stop|test)\b)/g)];
    return [
      ...links.filter((link) => !existsSync(join(root, dirname(file), link))).map((link) => `${file}: no file ${link}`),
      ...commands
        .map(([, run, short]) => run ?? short!)
        .filter((name) => !(name in scripts) && !builtIn.includes(name))
        .map((name) => `${file}: no npm script ${name}`),
    ];
  });
}
