import {
  CreateRoleCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  PutRolePolicyCommand,
  UpdateAssumeRolePolicyCommand,
} from "@aws-sdk/client-iam";
import {
  CreateAliasCommand,
  CreateKeyCommand,
  DeleteAliasCommand,
  DescribeKeyCommand,
  DisableKeyRotationCommand,
  EnableKeyRotationCommand,
  GetKeyRotationStatusCommand,
  paginateListAliases,
  ScheduleKeyDeletionCommand,
  UpdateAliasCommand,
  UpdateKeyDescriptionCommand,
} from "@aws-sdk/client-kms";
import { ifThere, type Kind } from "./kind.ts";

const key: Kind = {
  required: [],
  optional: ["description", "enableKeyRotation", "deletionWindowInDays"],
  fixed: [],
  outputs: ["arn", "keyId"],
  async write({ kms }, { description = "", enableKeyRotation = false }, id) {
    const Description = description as string;
    if (id !== undefined) await kms.send(new UpdateKeyDescriptionCommand({ KeyId: id, Description }));
    const KeyId = id ?? (await kms.send(new CreateKeyCommand({ Description }))).KeyMetadata!.KeyId!;
    const rotation = enableKeyRotation
      ? new EnableKeyRotationCommand({ KeyId })
      : new DisableKeyRotationCommand({ KeyId });
    await kms.send(rotation as EnableKeyRotationCommand);
    return KeyId;
  },
  async read({ kms }, KeyId) {
    const found = (await ifThere(kms.send(new DescribeKeyCommand({ KeyId }))))?.KeyMetadata;
    if (!found || found.KeyState === "PendingDeletion") return undefined;
    const { KeyRotationEnabled } = await kms.send(new GetKeyRotationStatusCommand({ KeyId }));
    const inputs = { description: found.Description ?? "", enableKeyRotation: KeyRotationEnabled === true };
    return { ...inputs, arn: found.Arn!, keyId: KeyId };
  },
  async remove({ kms }, KeyId, { deletionWindowInDays = 30 }) {
    const PendingWindowInDays = deletionWindowInDays as number;
    await ifThere(kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays })));
  },
};

const alias: Kind = {
  required: ["name", "targetKeyId"],
  optional: [],
  fixed: ["name"],
  outputs: [],
  async write({ kms }, { name, targetKeyId }, id) {
    const wanted = { AliasName: name as string, TargetKeyId: targetKeyId as string };
    if (id === undefined) await kms.send(new CreateAliasCommand(wanted));
    else await kms.send(new UpdateAliasCommand(wanted));
    return wanted.AliasName;
  },
  async read({ kms }, id) {
    for await (const { Aliases = [] } of paginateListAliases({ client: kms }, {})) {
      const found = Aliases.find(({ AliasName }) => AliasName === id);
      if (found?.TargetKeyId) return { name: id, targetKeyId: found.TargetKeyId };
    }
    return undefined;
  },
  async remove({ kms }, id) {
    await ifThere(kms.send(new DeleteAliasCommand({ AliasName: id })));
  },
};

const role: Kind = {
  required: ["name", "assumeRolePolicy"],
  optional: [],
  fixed: ["name"],
  outputs: ["arn"],
  async write({ iam }, { name, assumeRolePolicy }, id) {
    const [RoleName, policy] = [name as string, assumeRolePolicy as string];
    if (id === undefined) await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: policy }));
    else await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument: policy }));
    return RoleName;
  },
  async read({ iam }, id) {
    const found = (await ifThere(iam.send(new GetRoleCommand({ RoleName: id }))))?.Role;
    if (!found) return undefined;
    return { name: id, assumeRolePolicy: decodeURIComponent(found.AssumeRolePolicyDocument!), arn: found.Arn! };
  },
  async remove({ iam }, id) {
    await ifThere(iam.send(new DeleteRoleCommand({ RoleName: id })));
  },
};

const namesIn = (id: string) => {
  const [RoleName = "", PolicyName = ""] = id.split(":");
  return { RoleName, PolicyName };
};
const rolePolicy: Kind = {
  required: ["role", "name", "policy"],
  optional: [],
  fixed: ["role", "name"],
  outputs: [],
  async write({ iam }, { role: of, name, policy }) {
    const id = `${of}:${name}`;
    await iam.send(new PutRolePolicyCommand({ ...namesIn(id), PolicyDocument: policy as string }));
    return id;
  },
  async read({ iam }, id) {
    const { RoleName, PolicyName } = namesIn(id);
    const found = await ifThere(iam.send(new GetRolePolicyCommand({ RoleName, PolicyName })));
    return found && { role: RoleName, name: PolicyName, policy: decodeURIComponent(found.PolicyDocument!) };
  },
  async remove({ iam }, id) {
    await ifThere(iam.send(new DeleteRolePolicyCommand(namesIn(id))));
  },
};

export const keyAndRoleKinds: Readonly<Record<string, Kind>> = {
  "aws:kms/key:Key": key,
  "aws:kms/alias:Alias": alias,
  "aws:iam/role:Role": role,
  "aws:iam/rolePolicy:RolePolicy": rolePolicy,
};
