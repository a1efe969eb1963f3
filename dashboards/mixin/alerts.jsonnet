// Prints the rules as YAML: jsonnet -S alerts.jsonnet
std.manifestYamlDoc((import 'mixin.libsonnet').prometheusAlerts)
