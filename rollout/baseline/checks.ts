import { awsData } from "./aws/data.ts";
import { awsPlatform } from "./aws/platform.ts";
import { awsTogether } from "./aws/together.ts";
import { access } from "./kubernetes/access.ts";
import { images } from "./kubernetes/images.ts";
import { network } from "./kubernetes/network.ts";
import { pods } from "./kubernetes/pods.ts";
import { running } from "./kubernetes/running.ts";
import { secrets } from "./kubernetes/secrets.ts";
import { together } from "./kubernetes/together.ts";
import type { ResourceCheck, StackCheck, Topic } from "./model.ts";

/** What one resource is enough for. */
export const resourceTopics: readonly Topic<ResourceCheck>[] = [
  pods,
  images,
  running,
  access,
  secrets,
  network,
  awsPlatform,
  awsData,
];

/** What needs all resources of a stack. */
export const stackTopics: readonly Topic<StackCheck>[] = [together, awsTogether];

export const allChecks = [...resourceTopics, ...stackTopics].flatMap(
  ({ checks }) => checks as readonly (ResourceCheck | StackCheck)[],
);
