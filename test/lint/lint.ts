// `npm run lint`: types, style, the direction of imports, and what the documents promise.
import { checks } from "./checks.ts";

for (const [name, check] of Object.entries(checks)) {
  const problems = await check();
  console.log(`${name}: ${problems.length === 0 ? "clean" : `\n${problems.join("\n")}`}`);
  if (problems.length > 0) process.exitCode = 1;
}
