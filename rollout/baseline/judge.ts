import type { BaselineSettings, CheckId, PlainResource, ResourceCheck, StackCheck, Topic } from "./model.ts";
import type { Waiver } from "./waiver.ts";

export interface Finding {
  check: CheckId;
  resource: PlainResource;
  level: "mandatory" | "advisory";
  message: string;
}

const lineOf = ({ id, title, why, requirement }: ResourceCheck | StackCheck, said: string): string =>
  `${id} ${title}: ${said} (${why}; ${requirement})`;

export function judgeResource(
  { checks }: Topic<ResourceCheck>,
  resource: PlainResource,
  settings: BaselineSettings,
  waivers: readonly Waiver[],
): Finding[] {
  return checks.flatMap((check) =>
    check.find(resource, settings).map((said) => findingOf(check, resource, said, waivers)),
  );
}

export function judgeTogether(
  { checks }: Topic<StackCheck>,
  resources: readonly PlainResource[],
  waivers: readonly Waiver[],
): Finding[] {
  return checks.flatMap((check) =>
    check.across(resources).map(({ resource, said }) => findingOf(check, resource, said, waivers)),
  );
}

/** What is waived is told with its reason and its end, and stops nobody. */
function findingOf(
  check: ResourceCheck | StackCheck,
  resource: PlainResource,
  said: string,
  waivers: readonly Waiver[],
): Finding {
  const waiver = waivers.find((one) => one.check === check.id && one.resource === resource.name);
  const message = lineOf(check, said);
  const finding = { check: check.id, resource, message };
  if (!waiver) return { ...finding, level: check.level ?? "mandatory" };
  const { signer, expires, reason } = waiver;
  return {
    ...finding,
    level: "advisory",
    message: `${message}; waived by ${signer.principal} until ${expires}: ${reason}`,
  };
}
