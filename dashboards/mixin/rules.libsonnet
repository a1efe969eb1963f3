// The rules: YAML in, the same groups out, with the changes of _config.
{
  local config = $._config,
  local standard = (import 'config.libsonnet')._config,
  local thresholds = std.parseYaml(importstr '../thresholds.yml'),
  local records = std.parseYaml(importstr '../prometheus/ftd.rules.yml').groups,
  local alerts = std.parseYaml(importstr '../prometheus/ftd.alerts.yml').groups,

  local unknown(what, given, known) =
    local wrong = std.setDiff(std.objectFields(given), std.set(known));
    std.length(wrong) == 0 || error 'ftd_exporter: there is no %s %s' % [what, std.join(', ', wrong)],
  local alertNames = [rule.alert for group in alerts for rule in group.rules],

  // A rule with f applied to its expression and g to its texts.
  local edit(rule, f, g) = rule { expr: f(super.expr) } +
                           (if 'annotations' in rule then { annotations: std.mapWithKey(function(_, text) g(text), super.annotations) } else {}),

  local name(rule) = if 'alert' in rule then rule.alert else rule.record,

  // A rule with the values of thresholds in place of their defaults.
  local withThresholds(rule) =
    local replace(text) = std.foldl(
      function(text, change) std.strReplace(text, std.strReplace(change.pattern, 'VALUE', change.default), std.strReplace(change.pattern, 'VALUE', '%s' % change.value)),
      [
        { pattern: pattern, default: thresholds[key].default, value: config.thresholds[key] }
        for key in std.objectFields(config.thresholds)
        if std.objectHas(thresholds[key].rules, name(rule))
        for pattern in thresholds[key].rules[name(rule)]
      ],
      text
    );
    edit(rule, replace, replace),

  // A text with the selector in every series of the exporter that it names. Recorded
  // series, which have a colon on either side of the name, are made of these.
  local withSelector(text, selector) =
    local isPart(char) = std.member('abcdefghijklmnopqrstuvwxyz0123456789_:', char);
    local select(part) =
      local length = std.find(true, [!isPart(char) for char in std.stringChars(part + ' ')])[0];
      local rest = part[length:];
      if std.member(part[:length], ':') then part
      else part[:length] + (if std.startsWith(rest, '{') then '{' + selector + ', ' + rest[1:] else '{' + selector + '}' + rest);
    local parts = std.split(text, 'ftd_');
    std.foldl(
      function(text, part) text + 'ftd_' + (if text != '' && isPart(text[std.length(text) - 1]) then part else select(part)),
      parts[1:],
      parts[0]
    ),
  // Texts have queries in the strings of their templates.
  local selectInText(text) = std.join('"', std.mapWithIndex(
    function(i, part) if i % 2 == 1 then withSelector(part, std.strReplace(config.selector, '"', '\\"')) else part,
    std.split(text, '"')
  )),
  local selected(rule) =
    if config.selector == '' then rule else edit(rule, function(expr) withSelector(expr, config.selector), selectInText),

  // An alert with labels of the inventory, if the device is in the inventory.
  local withInventory(rule) =
    if config.inventoryLabels == [] then rule else
      rule {
        local on = 'on (%s)' % std.join(', ', config.deviceLabels),
        expr: '(%s) * %s group_left (%s) device:ftd_device_labels:info\n  or\n(%s) unless %s device:ftd_device_labels:info'
              % [super.expr, on, std.join(', ', config.inventoryLabels), super.expr, on],
      },

  local withSettings(rule, ofDevice) =
    local override = if std.objectHas(config.alerts, rule.alert) then config.alerts[rule.alert] else {};
    local labels = if 'labels' in override then override.labels else {};
    local changed = rule + override {
      labels: rule.labels + config.additionalRuleLabels + labels,
      annotations: rule.annotations { runbook_url: std.strReplace(super.runbook_url, standard.runbookUrl, config.runbookUrl) },
    };
    if ofDevice then withInventory(changed) else changed,

  local inJob(rule) = rule { expr: std.strReplace(super.expr, 'up{job="%s"}' % standard.job, 'up{job="%s"}' % config.job) },

  local interval = if config.interval == '' then {} else { interval: config.interval },

  assert unknown('alert', config.disabled, alertNames),
  assert unknown('alert', config.alerts, alertNames),
  assert unknown('threshold', config.thresholds, std.objectFields(thresholds)),

  prometheusRules+:: {
    groups+: [
      group + interval { rules: [selected(withThresholds(rule)) for rule in group.rules] }
      for group in records
    ],
  },

  prometheusAlerts+:: {
    groups+: [
      group + interval {
        rules: [
          withSettings(selected(withThresholds(inJob(rule))), group.name != 'ftd-exporter-alerts')
          for rule in group.rules
          if !(std.objectHas(config.disabled, rule.alert) && config.disabled[rule.alert])
        ],
      }
      for group in alerts
    ],
  },
}
