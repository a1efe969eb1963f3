// What can be changed. The default is the rules and dashboards as they are in
// dashboards/prometheus and dashboards/grafana. The values of the Helm chart have the
// same names (prometheusRule), except for selector and job.
{
  _config+:: {
    // Label matchers of all series of the exporter that rules read, such as
    // 'job=~"ftd|fw", cluster="a"'. Default: series of any job.
    selector: '',

    // The job whose targets are exporters even if they have never been scraped.
    job: 'ftd',

    // Thresholds by the names of ../thresholds.yml, such as { deviceSilentHours: 72 }.
    thresholds: {},

    // Alerts to leave out, such as { FTDDeviceNeverHeard: true }.
    disabled: {},

    // Replaces parts of alerts: expr, for, keep_firing_for and labels, such as
    // { FTDDeviceSilent: { 'for': '2h', labels: { severity: 'info' } } }.
    alerts: {},

    // Labels of all alerts, such as { team: 'network' }.
    additionalRuleLabels: {},

    // Labels of the inventory that alerts about a device have, such as ['site'].
    // Devices that the inventory does not have alert without them.
    inventoryLabels: [],

    // Labels that identify a device. Add the target labels that separate devices of
    // the same name and job, such as 'cluster'.
    deviceLabels: ['job', 'device'],

    // Beginning of all addresses of runbooks.
    runbookUrl: 'https://github.com/ftd-exporter/ftd_exporter/blob/main/docs/runbooks/',

    // How often the rules are evaluated, 4m at most. Default: as Prometheus does.
    interval: '',
  },
}
