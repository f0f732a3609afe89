import { at, isObject, listAt, numberAt, textAt, textsAt, when } from "../look.ts";
import type { PlainResource, ResourceCheck, Topic } from "../model.ts";
import { statementsOf, tooMuch } from "./policies.ts";
import { awsType, checkOf } from "./types.ts";

const everywhere = ["0.0.0.0/0", "::/0"];
const controlPlaneLogs = ["api", "audit", "authenticator", "controllerManager", "scheduler"];
/** The oldest version of Kubernetes that a cluster may have. */
const oldestKubernetes = 28;

const cluster = ["eks/cluster:Cluster"];
const loadBalancer = ["lb/loadBalancer:LoadBalancer", "alb/loadBalancer:LoadBalancer"];
const listener = ["lb/listener:Listener", "alb/listener:Listener"];
const isOneOf = (resource: PlainResource, types: readonly string[]): boolean => types.includes(awsType(resource) ?? "");

interface Opening {
  from: number;
  to: number;
  ranges: string[];
  description: string;
}

/** Every rule by which a security group lets somebody in, whichever resource says it. */
function openings(resource: PlainResource): Opening[] {
  const { props } = resource;
  const ruleOf = (rule: unknown): Opening => ({
    from: numberAt(rule, "fromPort") ?? 0,
    to: textAt(rule, "protocol") === "-1" ? 65_535 : (numberAt(rule, "toPort") ?? 65_535),
    ranges: [
      ...textsAt(rule, "cidrBlocks"),
      ...textsAt(rule, "ipv6CidrBlocks"),
      ...[textAt(rule, "cidrIpv4"), textAt(rule, "cidrIpv6")].filter(Boolean),
    ],
    description: textAt(rule, "description"),
  });
  switch (awsType(resource)) {
    case "ec2/securityGroup:SecurityGroup":
      return listAt(props, "ingress").map(ruleOf);
    case "ec2/securityGroupRule:SecurityGroupRule":
      return at(props, "type") === "ingress" ? [ruleOf(props)] : [];
    case "vpc/securityGroupIngressRule:SecurityGroupIngressRule":
      return [ruleOf(props)];
    default:
      return [];
  }
}

/** Clusters, networks, identities. */
export const awsPlatform: Topic<ResourceCheck> = {
  name: "aws-platform",
  description: "Clusters, networks and identities in AWS are closed but for what is needed",
  checks: [
    {
      id: "AB-01",
      title: "the control plane logs all",
      why: "nobody can tell who asked for what",
      requirement: "Checkov CKV_AWS_37",
      find: checkOf(cluster, ({ props }) => {
        const open = controlPlaneLogs.filter((log) => !textsAt(props, "enabledClusterLogTypes").includes(log));
        return when(open.length > 0, `enabledClusterLogTypes lacks ${open.join(", ")}`);
      }),
    },
    {
      id: "AB-02",
      title: "the API server isn't open to the world",
      why: "one leaked token is enough",
      requirement: "Checkov CKV_AWS_38, 39",
      find: checkOf(cluster, ({ props }) => {
        const isPublic = at(props, "vpcConfig.endpointPublicAccess") !== false;
        const ranges = textsAt(props, "vpcConfig.publicAccessCidrs");
        const isBounded = ranges.length > 0 && !ranges.some((range) => everywhere.includes(range));
        return when(isPublic && !isBounded, "set vpcConfig.endpointPublicAccess to false, or bound publicAccessCidrs");
      }),
    },
    {
      id: "AB-03",
      title: "the cluster's secrets are encrypted with a key of their own",
      why: "a copy of etcd is readable otherwise",
      requirement: "Checkov CKV_AWS_58",
      find: checkOf(cluster, ({ props }) =>
        when(
          !textsAt(props, "encryptionConfig.resources").includes("secrets"),
          "encryptionConfig doesn't name secrets",
        ),
      ),
    },
    {
      id: "AB-04",
      title: "the cluster's version is still supported",
      why: "nobody mends it any more, and our admission rules need it",
      requirement: "Checkov CKV_AWS_339, S0-30",
      find: checkOf(cluster, ({ props }) => {
        const minor = Number(/^1\.(\d+)$/.exec(textAt(props, "version"))?.[1] ?? 0);
        return when(
          minor < oldestKubernetes,
          `version is ${textAt(props, "version") || "not set"}; 1.${oldestKubernetes} or newer`,
        );
      }),
    },
    {
      id: "AB-05",
      title: "nobody logs in to nodes by SSH",
      why: "what happens there is in no log",
      requirement: "Checkov CKV_AWS_100",
      find: checkOf(["eks/nodeGroup:NodeGroup"], ({ props }) =>
        when(textAt(props, "remoteAccess.ec2SshKey") !== "", "remoteAccess names an SSH key; use the session manager"),
      ),
    },
    {
      id: "AB-06",
      title: "a pod can't ask the node for its identity",
      why: "one forged request gets the node's rights",
      requirement: "Checkov CKV_AWS_79, 341",
      find: checkOf(["ec2/launchTemplate:LaunchTemplate", "ec2/instance:Instance"], ({ props }) => [
        ...when(
          textAt(props, "metadataOptions.httpTokens") !== "required",
          "metadataOptions.httpTokens has to be required",
        ),
        ...when(
          (numberAt(props, "metadataOptions.httpPutResponseHopLimit") ?? 1) > 1,
          "metadataOptions.httpPutResponseHopLimit has to be 1",
        ),
      ]),
    },
    {
      id: "AB-13",
      title: "the world reaches nothing but HTTPS",
      why: "every other open port is tried within minutes",
      requirement: "Checkov CKV_AWS_24, 25, 260, 382; S3-010",
      find: (resource) =>
        openings(resource)
          .filter(
            ({ from, to, ranges }) =>
              ranges.some((range) => everywhere.includes(range)) && !(from === 443 && to === 443),
          )
          .map(({ from, to }) => `ports ${from} to ${to} are open to the world`),
    },
    {
      id: "AB-14",
      title: "every opening says what it is for",
      why: "nobody dares to close it",
      requirement: "Checkov CKV_AWS_23",
      level: "advisory",
      find: (resource) =>
        openings(resource)
          .filter(({ description }) => description === "")
          .map(({ from, to }) => `ports ${from} to ${to} have no description`),
    },
    {
      id: "AB-15",
      title: "load balancers speak TLS 1.2 or newer, drop odd headers, keep logs and stay",
      why: "old ciphers, smuggled requests, and nobody who sees them",
      requirement: "Checkov CKV_AWS_2, 91, 131, 150, 328",
      find: (resource) => {
        const { props } = resource;
        if (isOneOf(resource, loadBalancer)) {
          return [
            ...when(at(props, "accessLogs.enabled") !== true, "accessLogs.enabled has to be true"),
            ...when(at(props, "enableDeletionProtection") !== true, "enableDeletionProtection has to be true"),
            ...when(
              textAt(props, "loadBalancerType") !== "network" && at(props, "dropInvalidHeaderFields") !== true,
              "dropInvalidHeaderFields has to be true",
            ),
            ...when(at(props, "desyncMitigationMode") === "monitor", "desyncMitigationMode is monitor; use defensive"),
          ];
        }
        if (!isOneOf(resource, listener)) return [];
        const actions = listAt(props, "defaultActions");
        const redirects =
          actions.length > 0 && actions.every((action) => textAt(action, "redirect.protocol") === "HTTPS");
        const policy = textAt(props, "sslPolicy");
        return [
          ...when(textAt(props, "protocol") === "HTTP" && !redirects, "speaks HTTP and doesn't redirect to HTTPS"),
          ...when(
            textAt(props, "protocol") === "HTTPS" && !/TLS-?1[-_]?[23]|TLS13/.test(policy),
            `sslPolicy is ${policy || "not set"}; name one of TLS 1.2 or newer`,
          ),
        ];
      },
    },
    {
      id: "AB-19",
      title: "image repositories don't change what a tag means, and are scanned and encrypted",
      why: "what was reviewed and what runs differ",
      requirement: "Checkov CKV_AWS_51, 163, 136",
      find: checkOf(["ecr/repository:Repository"], ({ props }) => [
        ...when(textAt(props, "imageTagMutability") !== "IMMUTABLE", "imageTagMutability has to be IMMUTABLE"),
        ...when(
          at(props, "imageScanningConfiguration.scanOnPush") !== true,
          "imageScanningConfiguration.scanOnPush has to be true",
        ),
        ...when(
          !listAt(props, "encryptionConfigurations").some((one) => textAt(one, "encryptionType") === "KMS"),
          "encryptionConfigurations has no KMS",
        ),
      ]),
    },
    {
      id: "AB-20",
      title: "logs are kept for a bounded time, encrypted",
      why: "for ever is expensive, a day is too short, and they hold what users do",
      requirement: "Checkov CKV_AWS_66, 158",
      find: checkOf(["cloudwatch/logGroup:LogGroup"], ({ props }) => [
        ...when((numberAt(props, "retentionInDays") ?? 0) === 0, "retentionInDays isn't set"),
        ...when(textAt(props, "kmsKeyId") === "", "kmsKeyId isn't set"),
      ]),
    },
    {
      id: "AB-21",
      title: "the account's trail is whole, checked and encrypted",
      why: "an intruder removes traces first",
      requirement: "Checkov CKV_AWS_35, 36, 67",
      find: checkOf(["cloudtrail/trail:Trail"], ({ props }) => [
        ...when(textAt(props, "kmsKeyId") === "", "kmsKeyId isn't set"),
        ...when(at(props, "enableLogFileValidation") !== true, "enableLogFileValidation has to be true"),
        ...when(at(props, "isMultiRegionTrail") !== true, "isMultiRegionTrail has to be true"),
      ]),
    },
    {
      id: "AB-22",
      title: "no identity may do everything, or give itself more",
      why: "no other guard holds against it",
      requirement: "Checkov CKV_AWS_61 to 63, 286 to 290",
      find: (resource) => {
        const holders = [
          "iam/policy:Policy",
          "iam/rolePolicy:RolePolicy",
          "iam/userPolicy:UserPolicy",
          "iam/groupPolicy:GroupPolicy",
        ];
        const attached = textAt(resource.props, "policyArn");
        return [
          ...checkOf(holders, ({ props }) => statementsOf(at(props, "policy")).flatMap((one) => tooMuch(one) ?? []))(
            resource,
          ),
          ...when(attached.endsWith(":policy/AdministratorAccess"), "attaches AdministratorAccess"),
        ];
      },
    },
  ],
};

/** A door to the world has a guard. */
export const isPublicDoor = (resource: PlainResource): boolean =>
  isOneOf(resource, loadBalancer) && isObject(resource.props) && at(resource.props, "internal") !== true;
