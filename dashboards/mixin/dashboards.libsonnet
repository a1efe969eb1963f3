// The dashboards, by file name.
{
  local boards = {
    'ftd-capacity.json': importstr '../grafana/ftd-capacity.json',
    'ftd-device.json': importstr '../grafana/ftd-device.json',
    'ftd-exporter.json': importstr '../grafana/ftd-exporter.json',
    'ftd-fleet.json': importstr '../grafana/ftd-fleet.json',
  },
  local standard = (import 'config.libsonnet')._config,
  local config = $._config,

  grafanaDashboards+:: {
    [name]: std.parseJson(std.strReplace(boards[name], standard.runbookUrl, config.runbookUrl))
    for name in std.objectFields(boards)
  },
}
