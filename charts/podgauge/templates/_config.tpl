{{/*
The config file: every option that has a value, under the option's own key, and what follows from where things are mounted. JSON, so that
a number stays as it was written.
*/}}
{{- define "podgauge.config" -}}
{{- $config := dict "source" "kubernetes" "cgroupRoot" "/host/sys/fs/cgroup" -}}
{{- range $key := include "podgauge.optionKeys" . | fromYamlArray -}}
{{- $value := $.Values -}}
{{- range splitList "." $key -}}{{- $value = get $value . -}}{{- end -}}
{{- if not (has (toString $value) (list "" "[]" "<nil>")) -}}
{{- include "podgauge.setOption" (list $config $key $value) -}}
{{- end -}}
{{- end -}}
{{- if eq .Values.host.proc "mount" -}}
{{- include "podgauge.setOption" (list $config "procRoot" "/host/proc") -}}
{{- end -}}
{{- if .Values.kubeletCa.configMap -}}
{{- include "podgauge.setOption" (list $config "kubeletCaFile" (printf "/etc/podgauge/kubelet-ca/%s" .Values.kubeletCa.key)) -}}
{{- end -}}
{{- with .Values.influxdb -}}
{{- if or .ca.configMap .ca.secret -}}
{{- include "podgauge.setOption" (list $config "influxdb.caFile" (printf "/etc/podgauge/influxdb-ca/%s" .ca.key)) -}}
{{- end -}}
{{- if .clientCertificate.secret -}}
{{- include "podgauge.setOption" (list $config "influxdb.certFile" "/etc/podgauge/influxdb-client/tls.crt") -}}
{{- include "podgauge.setOption" (list $config "influxdb.keyFile" "/etc/podgauge/influxdb-client/tls.key") -}}
{{- end -}}
{{- end -}}
{{- toPrettyJson $config -}}
{{- end -}}

{{/* Takes the config, an option's key and its value. A dot in a key is nesting. */}}
{{- define "podgauge.setOption" -}}
{{- $config := index . 0 -}}
{{- $path := splitList "." (index . 1) -}}
{{- if gt (len $path) 1 -}}
{{- $group := get $config (first $path) | default dict -}}
{{- $_ := set $group (last $path) (index . 2) -}}
{{- $_ := set $config (first $path) $group -}}
{{- else -}}
{{- $_ := set $config (first $path) (index . 2) -}}
{{- end -}}
{{- end -}}
