import { at, isObject } from "../look.ts";

/** A statement of an IAM policy, whatever of its two spellings each part has. */
export interface PolicyStatement {
  allows: boolean;
  actions: string[];
  resources: string[];
  principals: string[];
  conditions: unknown;
}

const asList = (value: unknown): unknown[] => (Array.isArray(value) ? value : value === undefined ? [] : [value]);
const asTexts = (value: unknown): string[] => asList(value).filter((one): one is string => typeof one === "string");

/** Of a policy as JSON text or as an object; none where it can't be read, for the cloud refuses that itself. */
export function statementsOf(policy: unknown): PolicyStatement[] {
  return asList(at(parsed(policy), "Statement")).map((statement) => {
    const principal = at(statement, "Principal");
    return {
      allows: at(statement, "Effect") === "Allow",
      actions: asTexts(at(statement, "Action")),
      resources: asTexts(at(statement, "Resource")),
      principals: isObject(principal) ? Object.values(principal).flatMap(asTexts) : asTexts(principal),
      conditions: at(statement, "Condition"),
    };
  });
}

function parsed(policy: unknown): unknown {
  if (typeof policy !== "string") return policy;
  try {
    return JSON.parse(policy);
  } catch {
    return undefined;
  }
}

const escalating = [
  "iam:AttachRolePolicy",
  "iam:AttachUserPolicy",
  "iam:CreateAccessKey",
  "iam:CreatePolicyVersion",
  "iam:PassRole",
  "iam:PutRolePolicy",
  "iam:PutUserPolicy",
  "iam:SetDefaultPolicyVersion",
  "iam:UpdateAssumeRolePolicy",
].map((action) => action.toLowerCase());

const covers = (pattern: string, action: string): boolean =>
  new RegExp(
    `^${pattern
      .toLowerCase()
      .replace(/[.+^${}()|[\]\\]/g, "\\$&")
      .replaceAll("*", ".*")
      .replaceAll("?", ".")}$`,
  ).test(action);

/** What a statement gives that is as good as everything. */
export function tooMuch({ allows, actions, resources }: PolicyStatement): string | undefined {
  if (!allows || !resources.includes("*")) return undefined;
  if (actions.includes("*")) return "allows everything on everything";
  const found = escalating.filter((action) => actions.some((pattern) => covers(pattern, action)));
  return found.length > 0
    ? `lets its holder take more rights (${found.slice(0, 3).join(", ")}) on everything`
    : undefined;
}
