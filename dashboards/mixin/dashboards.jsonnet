// Writes the dashboards to a directory: jsonnet -m DIRECTORY dashboards.jsonnet
(import 'mixin.libsonnet').grafanaDashboards
