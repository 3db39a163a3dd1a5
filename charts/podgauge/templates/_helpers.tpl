{{- define "podgauge.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 52 | trimSuffix "-" -}}
{{- end -}}

{{- define "podgauge.fullname" -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" -}}
{{- else if contains $name .Release.Name -}}
{{- .Release.Name | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 52 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "podgauge.namespace" -}}
{{- default .Release.Namespace .Values.namespaceOverride -}}
{{- end -}}

{{/* Of objects without a namespace: two releases in two namespaces have two names. */}}
{{- define "podgauge.clusterName" -}}
{{- printf "%s:%s" (include "podgauge.namespace" .) (include "podgauge.fullname" .) -}}
{{- end -}}

{{/* The same where a colon is not allowed. */}}
{{- define "podgauge.clusterNameWithDot" -}}
{{- printf "%s.%s" (include "podgauge.namespace" .) (include "podgauge.fullname" .) -}}
{{- end -}}

{{- define "podgauge.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "podgauge.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{/* What never changes in the life of a release, and so may select. */}}
{{- define "podgauge.releaseLabels" -}}
app.kubernetes.io/name: {{ include "podgauge.name" . | quote }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end -}}

{{- define "podgauge.selectorLabels" -}}
{{ include "podgauge.releaseLabels" . }}
app.kubernetes.io/component: agent
{{- end -}}

{{/*
Labels of an object. What the chart says of itself goes before labels of the values, so that none is there twice and none lies. Takes
the root as `root`, and where there are any its `component` and the values' labels for this object alone as `more`.
*/}}
{{- define "podgauge.labels" -}}
{{- $own := include "podgauge.ownLabels" .root | fromYaml -}}
{{- with .component -}}{{- $_ := set $own "app.kubernetes.io/component" . -}}{{- end -}}
{{- mergeOverwrite (dict) .root.Values.commonLabels (default dict .more) $own | toYaml -}}
{{- end -}}

{{- define "podgauge.ownLabels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" | quote }}
{{ include "podgauge.releaseLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service | quote }}
{{- end -}}

{{- define "podgauge.image" -}}
{{- $tag := default .Chart.AppVersion .Values.image.tag -}}
{{- with .Values.image.digest -}}
{{- printf "%s:%s@%s" $.Values.image.repository $tag . -}}
{{- else -}}
{{- printf "%s:%s" .Values.image.repository $tag -}}
{{- end -}}
{{- end -}}

{{/* The Secret with the token; empty where there is none. */}}
{{- define "podgauge.tokenSecret" -}}
{{- if .Values.influxdb.existingSecret -}}
{{- .Values.influxdb.existingSecret -}}
{{- else if .Values.influxdb.token -}}
{{- printf "%s-influxdb" (include "podgauge.fullname" .) -}}
{{- end -}}
{{- end -}}

{{/*
Where state.type hostPath keeps its files, on each node. Two releases in one place would each take the other's away, so that each has its
own unless told otherwise.
*/}}
{{- define "podgauge.stateDirectory" -}}
{{- default (printf "/var/lib/podgauge/%s" (include "podgauge.clusterNameWithDot" .)) .Values.state.hostPath.path -}}
{{- end -}}

{{/* A duration of an option in milliseconds. */}}
{{- define "podgauge.milliseconds" -}}
{{- $unit := dict "ms" 1 "s" 1000 "m" 60000 "h" 3600000 -}}
{{- mul (regexFind "^[0-9]+" . | int64) (get $unit (regexFind "[a-z]+$" .) | default 0) -}}
{{- end -}}

{{/* An amount of memory, as options and as Kubernetes write it, in MiB; 0 where it is neither. */}}
{{- define "podgauge.mebibytes" -}}
{{- $unit := dict "" 1 "k" 1e3 "M" 1e6 "G" 1e9 "Ki" 1024 "Mi" 1048576 "Gi" 1073741824 -}}
{{- $parts := regexFind "^[0-9]+(\\.[0-9]+)?([kMG]|[KMG]i)?B?$" . -}}
{{- divf (mulf (regexFind "^[0-9.]+" $parts | float64) (get $unit (regexFind "[kKMGi]+" $parts))) 1048576 -}}
{{- end -}}
