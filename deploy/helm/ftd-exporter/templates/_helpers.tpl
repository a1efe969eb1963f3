{{/* The name of the installed objects, truncated to leave room for suffixes. */}}
{{- define "ftd-exporter.fullname" -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" -}}
{{- else if contains $name .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* Labels that never change during the life of a release. */}}
{{- define "ftd-exporter.selectorLabels" -}}
app.kubernetes.io/name: {{ default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" | quote }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end -}}

{{/* Labels of the pod of helm test, which no Service and no workload selects. */}}
{{- define "ftd-exporter.testLabels" -}}
{{- $name := printf "%s-test" (default .Chart.Name .Values.nameOverride | trunc 58 | trimSuffix "-") -}}
{{- merge (dict "app.kubernetes.io/name" $name "app.kubernetes.io/instance" .Release.Name) .Values.commonLabels | toYaml -}}
{{- end -}}

{{/*
The metadata of an object. Its argument is a dict: root is the context of the
chart; suffix is appended to the full name; name and namespace, if set, replace
the full name and the namespace of the release; labels and annotations are added
to this object.
*/}}
{{- define "ftd-exporter.metadata" -}}
{{- with .root -}}
{{- $labels := include "ftd-exporter.selectorLabels" . | fromYaml -}}
{{- $_ := set $labels "app.kubernetes.io/version" .Chart.AppVersion -}}
{{- $_ := set $labels "app.kubernetes.io/managed-by" .Release.Service -}}
{{- $_ := set $labels "helm.sh/chart" (printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-") -}}
name: {{ default (print (include "ftd-exporter.fullname" .) (default "" $.suffix)) $.name }}
namespace: {{ default .Release.Namespace $.namespace }}
labels:
  {{- merge $labels (default dict $.labels) .Values.commonLabels | toYaml | nindent 2 }}
{{- end }}
{{- with .annotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "ftd-exporter.serviceAccountName" -}}
{{- default (ternary (include "ftd-exporter.fullname" .) "default" .Values.serviceAccount.create) .Values.serviceAccount.name -}}
{{- end -}}

{{- define "ftd-exporter.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ default .Chart.AppVersion .Values.image.tag }}
{{- end -}}
{{- end -}}

{{/*
The protocols that the exporter receives, as {"list": [{name, transport, port},
…]}: name is the key in syslog and service, transport is the protocol name in
Kubernetes.
*/}}
{{- define "ftd-exporter.protocols" -}}
{{- $list := list -}}
{{- range $name := list "udp" "tcp" "tls" -}}
{{- $p := get $.Values.syslog $name -}}
{{- if $p.enabled -}}
{{- $list = append $list (dict "name" $name "transport" (ternary "UDP" "TCP" (eq $name "udp")) "port" (int $p.port)) -}}
{{- end -}}
{{- end -}}
{{ dict "list" $list | toJson }}
{{- end -}}

{{/* The configuration file: the value config, and the listeners. */}}
{{- define "ftd-exporter.config" -}}
{{- $listeners := list -}}
{{- range (include "ftd-exporter.protocols" . | fromJson).list -}}
{{- $l := dict "address" (printf "%s://:%v" .name .port) -}}
{{- with $.Values.syslog.allow }}{{ $_ := set $l "allow" . }}{{ end -}}
{{- if and $.Values.syslog.proxyProtocol (eq .transport "TCP") }}{{ $_ := set $l "proxy_protocol" $.Values.syslog.proxyProtocol }}{{ end -}}
{{- $listeners = append $listeners $l -}}
{{- end -}}
{{- $config := merge (dict "listeners" $listeners) .Values.config -}}
{{- with .Values.syslog.tls -}}
{{- if .enabled -}}
{{- $tls := dict "cert_file" "/etc/ftd_exporter/tls/tls.crt" "key_file" "/etc/ftd_exporter/tls/tls.key" "min_version" .minVersion -}}
{{- if .clientCASecretName }}{{ $_ := set $tls "client_ca_file" "/etc/ftd_exporter/client-ca/ca.crt" }}{{ end -}}
{{- with .clientAuth }}{{ $_ := set $tls "client_auth" . }}{{ end -}}
{{- $_ := set $config "tls" $tls -}}
{{- end -}}
{{- end -}}
{{ toYaml $config }}
{{- end -}}

{{/* Checks for which the schema does not give helpful errors. */}}
{{- define "ftd-exporter.check" -}}
{{- if not (include "ftd-exporter.protocols" . | fromJson).list -}}
{{- fail "syslog: all protocols are off, so the exporter could not receive messages; enable udp, tcp or tls" -}}
{{- end -}}
{{- if and .Values.syslog.tcp.enabled .Values.syslog.tls.enabled (eq (int .Values.syslog.tcp.port) (int .Values.syslog.tls.port)) -}}
{{- fail "syslog: tcp and tls have the same port; change one of them" -}}
{{- end -}}
{{- range $name := list "tcp" "tls" -}}
{{- $p := get $.Values.syslog $name -}}
{{- if and $p.enabled (eq (int $p.port) (int $.Values.web.port)) -}}
{{- fail (printf "syslog.%s.port and web.port are the same; change one of them" $name) -}}
{{- end -}}
{{- end -}}
{{- with .Values.syslog.tls -}}
{{- if and .enabled (not .secretName) -}}
{{- fail "syslog.tls.secretName is empty; name a Secret of type kubernetes.io/tls" -}}
{{- end -}}
{{- if and (has .clientAuth (list "optional" "require")) (not .clientCASecretName) -}}
{{- fail "syslog.tls.clientAuth needs syslog.tls.clientCASecretName, a Secret whose ca.crt signs the certificates of clients" -}}
{{- end -}}
{{- end -}}
{{- range $key := list "listeners" "tls" -}}
{{- if hasKey $.Values.config $key -}}
{{- fail (printf "config.%s: the chart writes it from the values under syslog; set those instead" $key) -}}
{{- end -}}
{{- end -}}
{{- if and .Values.hostNetwork .Values.networkPolicy.enabled -}}
{{- fail "networkPolicy.enabled: a NetworkPolicy has no effect with hostNetwork; switch it off, and filter on the node" -}}
{{- end -}}
{{- if and .Values.podDisruptionBudget.enabled (ne .Values.kind "StatefulSet") -}}
{{- fail "podDisruptionBudget.enabled: draining a node ignores the budget of a DaemonSet; switch it off" -}}
{{- end -}}
{{- if and .Values.service.shared .Values.syslog.tcp.enabled .Values.syslog.tls.enabled (eq (int .Values.service.tcp.port) (int .Values.service.tls.port)) -}}
{{- fail "service.shared: tcp and tls have the same port; change one of them" -}}
{{- end -}}
{{- if and (eq .Values.web.scheme "HTTPS") (not .Values.web.configSecretName) -}}
{{- fail "web.scheme HTTPS needs web.configSecretName, a Secret whose web.yml has the certificate" -}}
{{- end -}}
{{- end -}}

{{/* A probe. Its argument is a list: the context of the chart, and the path. */}}
{{- define "ftd-exporter.probe" -}}
{{- $values := (index . 0).Values -}}
{{- if eq $values.web.probes "tcp" -}}
tcpSocket:
  port: metrics
{{- else -}}
httpGet:
  path: {{ index . 1 }}
  port: metrics
  scheme: {{ $values.web.scheme }}
{{- end -}}
{{- end -}}

{{/*
A Service for syslog. Its argument is a dict: root is the context of the chart;
protocols are its elements of "ftd-exporter.protocols"; suffix and annotations
are as in "ftd-exporter.metadata".
*/}}
{{- define "ftd-exporter.syslogService" -}}
{{- $service := .root.Values.service -}}
{{- $loadBalancerIP := $service.loadBalancerIP -}}
{{- $externalIPs := $service.externalIPs -}}
{{- if not $service.shared -}}
{{- $own := get $service (first .protocols).name -}}
{{- $loadBalancerIP = $own.loadBalancerIP | default $loadBalancerIP -}}
{{- $externalIPs = $own.externalIPs | default $externalIPs -}}
{{- end -}}
apiVersion: v1
kind: Service
metadata:
  {{- include "ftd-exporter.metadata" (dict "root" .root "suffix" .suffix "labels" (dict "app.kubernetes.io/component" "syslog") "annotations" .annotations) | nindent 2 }}
spec:
  type: {{ $service.type }}
  {{- if or (ne $service.type "ClusterIP") $externalIPs }}
  externalTrafficPolicy: {{ $service.externalTrafficPolicy }}
  {{- end }}
  {{- with $externalIPs }}
  externalIPs:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- if eq $service.type "LoadBalancer" }}
  {{- with $loadBalancerIP }}
  loadBalancerIP: {{ . | quote }}
  {{- end }}
  {{- with $service.loadBalancerClass }}
  loadBalancerClass: {{ . }}
  {{- end }}
  {{- with $service.loadBalancerSourceRanges }}
  loadBalancerSourceRanges:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- end }}
  {{- with $service.ipFamilyPolicy }}
  ipFamilyPolicy: {{ . }}
  {{- end }}
  {{- with $service.ipFamilies }}
  ipFamilies:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  # The exporter receives syslog before it is ready to be scraped, and the port
  # must not appear closed to a firewall.
  publishNotReadyAddresses: true
  selector:
    {{- include "ftd-exporter.selectorLabels" .root | nindent 4 }}
  ports:
    {{- range .protocols }}
    {{- $port := get $service .name }}
    - name: syslog-{{ .name }}
      port: {{ int $port.port }}
      targetPort: syslog-{{ .name }}
      protocol: {{ .transport }}
      {{- if and $port.nodePort (ne $service.type "ClusterIP") }}
      nodePort: {{ int $port.nodePort }}
      {{- end }}
    {{- end }}
{{- end -}}
