import { parentIsAlive } from "../base/parent.ts";
import { startProvider } from "../base/start.ts";
import { KubernetesProvider } from "./kubernetes-provider.ts";

await startProvider("kubernetes", new KubernetesProvider(parentIsAlive));
