import { startProvider } from "../base/start.ts";
import { RandomProvider } from "./random-provider.ts";

await startProvider("random", new RandomProvider());
