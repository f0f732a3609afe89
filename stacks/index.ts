import { readConfig } from "./config.ts";
import { deployPlatform } from "./platform.ts";
import { deploySystems } from "./systems.ts";

const config = readConfig();

export default config.layer === "platform" ? deployPlatform() : deploySystems(config);
