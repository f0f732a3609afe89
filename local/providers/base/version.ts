import { createRequire } from "node:module";

/** This provider stands in for the official plugin of the SDK that is installed, so it says that one's version. */
export function sdkVersion(sdk: string): string {
  const { version } = createRequire(import.meta.url)(`${sdk}/package.json`) as { version: string };
  return version.replace(/^v/, "");
}
