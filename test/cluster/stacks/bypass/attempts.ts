// Ways to give the canary more users than it may have, or to take away what holds it. Tried at 5 % of wdbx.
import type { Attempt, Place } from "./attempt.ts";
import { onGuards } from "./on-guards.ts";
import { onPods } from "./on-pods.ts";
import { onRollout } from "./on-rollout.ts";
import { besideRoutes, onRoutes } from "./on-routes.ts";
import { onServices } from "./on-services.ts";

export const attempts = (place: Place): readonly Attempt[] => [
  ...onRoutes,
  ...besideRoutes,
  ...onServices,
  ...onPods(place),
  ...onRollout(place),
  ...onGuards,
];
