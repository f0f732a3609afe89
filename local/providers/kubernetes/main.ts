import { parentIsAlive } from "../shared/parent.ts";
import { startProvider } from "../shared/start.ts";
import { KubernetesProvider } from "./kubernetes-provider.ts";

await startProvider("kubernetes", new KubernetesProvider(parentIsAlive));
