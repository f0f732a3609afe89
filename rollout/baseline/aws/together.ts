import { textAt, when } from "../look.ts";
import type { StackCheck, Topic } from "../model.ts";
import { isPublicDoor } from "./platform.ts";
import { awsType } from "./types.ts";

export const awsTogether: Topic<StackCheck> = {
  name: "aws-together",
  description: "Doors to the world have a guard",
  checks: [
    {
      id: "AB-23",
      title: "a firewall stands before every public load balancer",
      why: "whatever the program doesn't check reaches it",
      requirement: "Checkov CKV_AWS_175, 176",
      across: (resources) => {
        const guarded = resources
          .filter((one) => awsType(one) === "wafv2/webAclAssociation:WebAclAssociation")
          .map(({ props }) => textAt(props, "resourceArn"));
        return resources
          .filter((one) => isPublicDoor(one) && textAt(one.props, "loadBalancerType") !== "network")
          .flatMap((resource) => {
            const arn = textAt(resource.props, "arn");
            const isGuarded = guarded.some((one) => one === arn || (arn === "" && one !== ""));
            return when(!isGuarded, "no web ACL is associated with it").map((said) => ({ resource, said }));
          });
      },
    },
  ],
};
