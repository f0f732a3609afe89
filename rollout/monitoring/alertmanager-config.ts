import type { Plan } from "../plan/model.ts";

/** Where notifications go. What is secret is a file name below `secrets`, never a value. */
export interface Receivers {
  /** Folder into which the Secret is mounted; its keys are `slack`, `pagerduty`, `smtp`, `webhook`, `heartbeat`. */
  readonly secrets: string;
  readonly slack?: { readonly critical: string; readonly warnings: string; readonly rollout: string };
  /** Routing key in the file `pagerduty`. */
  readonly pagerduty?: true;
  readonly email?: {
    readonly to: string;
    readonly from: string;
    readonly smarthost: string;
    readonly username: string;
  };
  /** Anybody else's: its address is in the file `webhook`. */
  readonly webhook?: true;
  /** Whoever misses the watchdog's beat; its address is in the file `heartbeat`. */
  readonly heartbeat?: true;
  /** The analyzer in the cluster, which is told of every trigger at once. */
  readonly analyzer?: { readonly url: string };
  /** Own pager and channel of a system, beside the common ones: file names and channels by system. */
  readonly systems?: Readonly<Record<string, { readonly pagerduty?: string; readonly slack?: string }>>;
}

/** Files that the config names; Alertmanager itself would miss one only when it has something to say. */
export function secretsNeeded({
  slack,
  pagerduty,
  email,
  webhook,
  heartbeat,
  systems = {},
}: Omit<Receivers, "secrets">) {
  const common = { slack, pagerduty, smtp: email, webhook, heartbeat };
  const own = Object.values(systems).flatMap((one) => (one.pagerduty ? [one.pagerduty] : []));
  const channels = Object.values(systems).some((one) => one.slack) ? ["slack"] : [];
  const needed = Object.entries(common).flatMap(([name, used]) => (used ? [name] : []));
  return [...new Set([...needed, ...own, ...channels])];
}

type Json = Readonly<Record<string, unknown>>;

/** Everything that Alertmanager does: who is told what, when, and what is kept back while something bigger is on. */
export function alertmanagerConfig(plans: readonly Plan[], receivers: Receivers): Json {
  const { email, secrets } = receivers;
  return {
    global: {
      resolve_timeout: "5m",
      ...(secretsNeeded(receivers).includes("slack") && { slack_api_url_file: `${secrets}/slack` }),
      ...(email && {
        smtp_smarthost: email.smarthost,
        smtp_from: email.from,
        smtp_auth_username: email.username,
        smtp_auth_password_file: `${secrets}/smtp`,
      }),
    },
    route: route(receivers),
    inhibit_rules: inhibitions(plans),
    receivers: receiverList(receivers),
  };
}

/** Thirty seconds from fault to page leave ten for waiting here. */
const pageWait = "2s";

function route(receivers: Receivers): Json {
  const { systems = {} } = receivers;
  const own = Object.keys(systems).map((system) => ({
    receiver: `system-${system}`,
    matchers: [`system="${system}"`, 'severity="critical"'],
    group_wait: pageWait,
    continue: true,
  }));
  return {
    receiver: "warnings",
    group_by: ["alertname", "system", "track"],
    group_wait: "30s",
    group_interval: "5m",
    repeat_interval: "4h",
    routes: [
      // Beats a little faster than it is awaited: equal times leave gaps of two.
      {
        receiver: "heartbeat",
        matchers: ['alertname="Watchdog"'],
        group_wait: "0s",
        group_interval: "1m",
        repeat_interval: "50s",
      },
      { receiver: "nobody", matchers: ['severity="none"'] },
      // Each trigger by itself and at once; the analyzer takes the same one twice without harm.
      ...(receivers.analyzer
        ? [
            {
              receiver: "analyzer",
              matchers: ['kind="trigger"'],
              group_by: ["..."],
              group_wait: "0s",
              group_interval: "5s",
              repeat_interval: "1m",
              continue: true,
            },
          ]
        : []),
      { receiver: "rollout", matchers: ['kind="trigger"'], group_wait: pageWait, continue: true },
      ...own,
      { receiver: "critical", matchers: ['severity="critical"'], group_wait: pageWait, group_interval: "1m" },
      { receiver: "info", matchers: ['severity="info"'] },
    ],
  };
}

function receiverList(receivers: Receivers): Json[] {
  const { slack, pagerduty, email, webhook, heartbeat, analyzer, secrets, systems = {} } = receivers;
  const channel = (name: string) => ({
    channel: name,
    send_resolved: true,
    title: "{{ .CommonLabels.severity }}: {{ .CommonLabels.alertname }}",
    text: "{{ range .Alerts }}{{ .Annotations.summary }} {{ .Annotations.description }} {{ .Annotations.runbook_url }}\n{{ end }}",
  });
  const pager = (file: string) => ({
    routing_key_file: `${secrets}/${file}`,
    severity: "{{ .CommonLabels.severity }}",
    description: "{{ .CommonAnnotations.summary }}",
  });
  const posted = { ...(webhook && { webhook_configs: [{ url_file: `${secrets}/webhook`, send_resolved: true }] }) };
  const slackTo = (name: string | undefined) => (name ? { slack_configs: [channel(name)] } : {});
  return [
    { name: "nobody" },
    {
      name: "heartbeat",
      ...(heartbeat && { webhook_configs: [{ url_file: `${secrets}/heartbeat`, send_resolved: false }] }),
    },
    ...(analyzer
      ? [{ name: "analyzer", webhook_configs: [{ url: analyzer.url, send_resolved: true, max_alerts: 0 }] }]
      : []),
    { name: "rollout", ...slackTo(slack?.rollout), ...posted },
    {
      name: "critical",
      ...slackTo(slack?.critical),
      ...(pagerduty && { pagerduty_configs: [pager("pagerduty")] }),
      ...posted,
    },
    { name: "warnings", ...slackTo(slack?.warnings), ...posted },
    { name: "info", ...(email && { email_configs: [{ to: email.to, send_resolved: false }] }), ...posted },
    ...Object.entries(systems).map(([system, own]) => ({
      name: `system-${system}`,
      ...slackTo(own.slack),
      ...(own.pagerduty && { pagerduty_configs: [pager(own.pagerduty)] }),
    })),
  ];
}

/** What is told only once the bigger thing is over. Triggers are critical, so nothing keeps them back. */
function inhibitions(plans: readonly Plan[]): Json[] {
  const quiet = ['severity=~"warning|info"'];
  const aside = (source: readonly string[], target: readonly string[], equal: readonly string[]) => ({
    source_matchers: source,
    target_matchers: target,
    equal,
  });
  const silent = 'alertname=~".*TrackSilent|.*TrackGone"';
  const parents = plans.flatMap(({ system }) => {
    const children = plans.filter(({ dependencies }) => dependencies.some((one) => one.system === system));
    return children.length === 0 ? [] : [{ system, children: children.map((child) => child.system).join("|") }];
  });
  return [
    aside(['severity="critical"'], quiet, ["system", "track", "measure"]),
    // Somebody drills, or works where everybody knows of it.
    aside(['alertname=~"RolloutDrill|MaintenanceWindow"'], [...quiet, 'kind!="meta"', 'system!=""'], ["system"]),
    // Who is silent is neither slow nor short of memory.
    aside([silent], [...quiet, 'measure!="silence"', 'track!=""'], ["system", "track"]),
    aside([silent], ['alertname=~".*PodSilent|.*MetricsMissing"'], ["system", "track"]),
    ...parents.map(({ system, children }) =>
      aside([silent, `system="${system}"`, 'track="stable"'], [...quiet, `system=~"${children}"`], []),
    ),
  ];
}
