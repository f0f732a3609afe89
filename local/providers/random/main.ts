import { startProvider } from "../shared/start.ts";
import { RandomProvider } from "./random-provider.ts";

await startProvider("random", new RandomProvider());
