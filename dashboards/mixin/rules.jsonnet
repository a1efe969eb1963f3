// Prints the rules as YAML: jsonnet -S rules.jsonnet
std.manifestYamlDoc((import 'mixin.libsonnet').prometheusRules)
