import {
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  VizLegendOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import {
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  RowBuilder,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TimeseriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';

/** Chosen by whoever looks: no dashboard knows the identity of a data source. */
const SOURCE = { type: 'prometheus', uid: '${source}' };

/** A number that is looked at first. */
export function stat(title, unit, expression, description) {
  return { kind: 'stat', title, unit, description, queries: [[expression, '']] };
}

/** Lines over time. @param queries pairs of expression and legend */
export function graph(title, unit, description, ...queries) {
  return { kind: 'graph', title, unit, description, queries };
}

/** @param rows pairs of a title and its panels */
export function dashboard(uid, title, description, rows) {
  const builder = new DashboardBuilder(title)
    .uid(uid)
    .description(description)
    .tags(['http-mcp-bridge'])
    .tooltip(DashboardCursorSync.Crosshair)
    .refresh('30s')
    .time({ from: 'now-1h', to: 'now' })
    .timezone('browser')
    .editable()
    .link(new DashboardLinkBuilder('Dashboards of the bridge').type(DashboardLinkType.Dashboards).tags(['http-mcp-bridge']))
    .withVariable(new DatasourceVariableBuilder('source').label('Data source').type('prometheus'));
  for (const [rowTitle, panels] of rows) {
    builder.withRow(new RowBuilder(rowTitle));
    for (const panel of panels) builder.withPanel(panel.kind === 'stat' ? statPanel(panel) : graphPanel(panel));
  }
  return builder.build();
}

function statPanel(panel) {
  return described(new StatBuilder(), panel)
    .height(4)
    .span(4)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']));
}

function graphPanel(panel) {
  const legend = new VizLegendOptionsBuilder().showLegend(true).displayMode(LegendDisplayMode.List).placement(LegendPlacement.Bottom);
  return described(new TimeseriesBuilder(), panel).height(8).span(8).legend(legend).fillOpacity(8).min(0);
}

function described(builder, { title, unit, description, queries }) {
  builder.title(title).description(description).unit(unit).datasource(SOURCE);
  queries.forEach(([expression, legend], index) => {
    const refId = String.fromCharCode('A'.charCodeAt(0) + index);
    builder.withTarget(new DataqueryBuilder().expr(expression).legendFormat(legend).refId(refId).datasource(SOURCE));
  });
  return builder;
}
