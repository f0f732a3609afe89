import { readConfig, readSecrets } from "./config.ts";
import { deployPlatform } from "./platform.ts";
import { readReality } from "./reality.ts";
import { deploySystems } from "./systems.ts";

const config = readConfig();

export default config.layer === "platform"
  ? deployPlatform(config, readSecrets(config))
  : deploySystems(config, await readReality(config));
