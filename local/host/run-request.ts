import type pb from "@pulumi/pulumi/proto/language_pb.js";

export interface ProgramOptions {
  typescript: boolean;
  nodeArgs: string[];
}

/** The `runtime.options` of Pulumi.yaml that this host knows; an option that it would not follow is refused. */
export function programOptions(options: Record<string, unknown>): ProgramOptions {
  const { typescript = true, nodeargs = "", packagemanager: _onlyForInstalling, ...rest } = options;
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) {
    throw new Error(
      `Pulumi.yaml: runtime option "${unknown}" is not offered by the embedded language host; allowed are typescript and nodeargs`,
    );
  }
  return {
    typescript: typescript !== false && typescript !== "false",
    nodeArgs: String(nodeargs).split(" ").filter(Boolean),
  };
}

/** The command line of the SDK's `run` script. */
export function runArguments(request: pb.RunRequest, engineAddress: string): string[] {
  const info = request.getInfo();
  const flags = {
    monitor: request.getMonitorAddress(),
    engine: engineAddress,
    organization: request.getOrganization(),
    project: request.getProject(),
    "root-directory": info?.getRootDirectory() ?? "",
    stack: request.getStack(),
    pwd: request.getPwd(),
    parallel: request.getParallel() > 0 ? String(request.getParallel()) : "",
  };
  return [
    ...Object.entries(flags).flatMap(([name, value]) => (value === "" ? [] : [`--${name}`, value])),
    ...(request.getDryrun() ? ["--dry-run"] : []),
    info?.getEntryPoint() || request.getProgram() || ".",
    ...request.getArgsList(),
  ];
}

/** The environment in which the SDK finds the stack's config. */
export function runEnvironment(request: pb.RunRequest, options: ProgramOptions): Record<string, string> {
  return {
    PULUMI_CONFIG: JSON.stringify(Object.fromEntries(request.getConfigMap().toObject())),
    PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
    PULUMI_NODEJS_TYPESCRIPT: String(options.typescript),
  };
}
