import {
  type DataSourceRef,
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  VizLegendOptionsBuilder,
} from "@grafana/grafana-foundation-sdk/common";
import {
  AnnotationQueryBuilder,
  DashboardBuilder,
  DatasourceVariableBuilder,
  type Dashboard as GrafanaDashboard,
  ThresholdsConfigBuilder,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { DataqueryBuilder, PromQueryFormat } from "@grafana/grafana-foundation-sdk/prometheus";
import { PanelBuilder as StatBuilder } from "@grafana/grafana-foundation-sdk/stat";
import { PanelBuilder as TableBuilder } from "@grafana/grafana-foundation-sdk/table";
import { PanelBuilder as TimeseriesBuilder } from "@grafana/grafana-foundation-sdk/timeseries";
import type { Dashboard, Panel, Query } from "./panel.ts";

/** Whichever Prometheus is chosen at the top. */
const source: DataSourceRef = { type: "prometheus", uid: "$datasource" };
const columns = 3;
const size = { w: 24 / columns, h: 8 };

/** As Grafana reads it from a file; the newer of its formats is refused there. */
export function render({ uid, title, refresh, panels }: Dashboard): GrafanaDashboard {
  const dashboard = new DashboardBuilder(title)
    .uid(uid)
    .refresh(refresh)
    .readonly()
    .tags(["rampart"])
    .time({ from: "now-3h", to: "now" })
    .timezone("utc")
    .withVariable(new DatasourceVariableBuilder("datasource").label("Prometheus").type("prometheus"))
    .annotation(
      new AnnotationQueryBuilder()
        .name("Steps of rollouts")
        .datasource(source)
        .enable(true)
        .iconColor("blue")
        .expr("changes(rampart_rollout_weight[1m]) > 0")
        .titleFormat("{{system}} {{track}}"),
    );
  // A panel without a number gets another one at each reading, and a link to it leads nowhere.
  for (const [index, one] of panels.entries()) dashboard.withPanel(panel(one).id(index + 1));
  return dashboard.build();
}

function panel({ title, description, kind, unit, queries, lines = [] }: Panel) {
  const steps = [{ color: "green", value: null }, ...lines.map(({ at, colour }) => ({ color: colour, value: at }))];
  return empty(kind, lines.length > 0)
    .title(title)
    .description(description)
    .datasource(source)
    .span(size.w)
    .height(size.h)
    .unit(unit)
    .thresholds(new ThresholdsConfigBuilder().steps(steps))
    .targets(queries.map((one, index) => (kind === "timeseries" ? query(one, index) : now(one, index))));
}

function empty(kind: Panel["kind"], hasLines: boolean): TimeseriesBuilder | StatBuilder | TableBuilder {
  if (kind === "stat") return new StatBuilder();
  if (kind === "table") return new TableBuilder();
  const mode = hasLines ? GraphThresholdsStyleMode.Line : GraphThresholdsStyleMode.Off;
  return new TimeseriesBuilder()
    .thresholdsStyle(new GraphThresholdsStyleConfigBuilder().mode(mode))
    .legend(new VizLegendOptionsBuilder().showLegend(true));
}

const query = ({ expr, legend }: Query, index: number): DataqueryBuilder =>
  new DataqueryBuilder()
    .refId(String.fromCharCode(65 + index))
    .datasource(source)
    .expr(expr)
    .legendFormat(legend);

const now = (one: Query, index: number): DataqueryBuilder => query(one, index).instant().format(PromQueryFormat.Table);
