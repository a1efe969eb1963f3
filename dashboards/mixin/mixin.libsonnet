// Mixin of ftd_exporter: the rules of ../prometheus and the dashboards of ../grafana,
// changed by _config.
(import 'config.libsonnet') +
(import 'rules.libsonnet') +
(import 'dashboards.libsonnet')
