{{/*
What the schema cannot say, and what must not depend on it: `--skip-schema-validation` exists. Each sentence says what to set, and all
that is wrong is told at once.
*/}}
{{- define "podgauge.validate" -}}
{{- $v := .Values -}}
{{- $problems := list -}}
{{- if not $v.image.repository -}}
{{- $problems = append $problems "There is no image: set image.repository to where your copy of the image is" -}}
{{- end -}}
{{- if and (ne $v.output "influxdb") (ne $v.output "stdout") -}}
{{- $problems = append $problems "A pod has no place for a file of points: set output to influxdb or stdout" -}}
{{- end -}}
{{- if eq $v.output "influxdb" -}}
{{- if not $v.influxdb.url -}}
{{- $problems = append $problems "There is no InfluxDB: set influxdb.url to its address, or output to stdout for a look without one" -}}
{{- else if not (and $v.influxdb.org $v.influxdb.bucket) -}}
{{- $problems = append $problems "InfluxDB needs to know where the points belong: set influxdb.org and influxdb.bucket" -}}
{{- end -}}
{{- else if or $v.influxdb.url $v.influxdb.token $v.influxdb.existingSecret -}}
{{- $problems = append $problems "Points that go to stdout need no InfluxDB: leave influxdb.url, influxdb.token and influxdb.existingSecret out, or set output to influxdb" -}}
{{- end -}}
{{- if and $v.influxdb.token $v.influxdb.existingSecret -}}
{{- $problems = append $problems "There are two tokens: set influxdb.token or influxdb.existingSecret, not both" -}}
{{- end -}}
{{- if and $v.influxdb.ca.configMap $v.influxdb.ca.secret -}}
{{- $problems = append $problems "There are two CAs of InfluxDB: set influxdb.ca.configMap or influxdb.ca.secret, not both" -}}
{{- end -}}
{{- if and (or $v.influxdb.ca.configMap $v.influxdb.ca.secret $v.influxdb.clientCertificate.secret) (not (hasPrefix "https://" $v.influxdb.url)) -}}
{{- $problems = append $problems "Certificates are of no use without TLS: set influxdb.url to an https:// address, or leave influxdb.ca and influxdb.clientCertificate out" -}}
{{- end -}}
{{- if lt (include "podgauge.milliseconds" $v.period | int64) 1000 -}}
{{- $problems = append $problems "A collection every few milliseconds costs every node a lot: set period to 1s or more" -}}
{{- end -}}
{{- if eq $v.fileSystems "walk" -}}
{{- $problems = append $problems "A walk through files needs root and CAP_DAC_READ_SEARCH, which this chart gives to nobody: set fileSystems to kubelet or none" -}}
{{- end -}}
{{- $trusts := list -}}
{{- if $v.kubeletCa.cluster -}}{{- $trusts = append $trusts "kubeletCa.cluster" -}}{{- end -}}
{{- if $v.kubeletCa.configMap -}}{{- $trusts = append $trusts "kubeletCa.configMap" -}}{{- end -}}
{{- if $v.kubeletInsecure -}}{{- $trusts = append $trusts "kubeletInsecure" -}}{{- end -}}
{{- if and (eq $v.fileSystems "kubelet") (empty $trusts) -}}
{{- $problems = append $problems "The kubelet's certificate has to be verified: set kubeletCa.cluster, kubeletCa.configMap, or kubeletInsecure where it cannot be" -}}
{{- end -}}
{{- if gt (len $trusts) 1 -}}
{{- $problems = append $problems "There is more than one way to trust the kubelet: set only one of kubeletCa.cluster, kubeletCa.configMap and kubeletInsecure" -}}
{{- end -}}
{{- if and (eq $v.state.type "hostPath") (not $v.state.hostPath.prepared) -}}
{{- $problems = append $problems (printf "A directory of the host belongs to root: make it on every node (install -d -o 19610 -g 19610 -m 0700 %s) and set state.hostPath.prepared to true, or set state.type to emptyDir" (include "podgauge.stateDirectory" .)) -}}
{{- end -}}
{{- if not (or $v.serviceAccount.create $v.serviceAccount.name) -}}
{{- $problems = append $problems "There is no service account: set serviceAccount.name to an existing one, or serviceAccount.create to true" -}}
{{- end -}}
{{- if and $v.podMonitor.enabled (not (.Capabilities.APIVersions.Has "monitoring.coreos.com/v1")) -}}
{{- $problems = append $problems "The cluster knows no PodMonitor: install the Prometheus Operator first, or set podMonitor.enabled to false" -}}
{{- end -}}
{{- if and $v.securityContextConstraints.create (not (.Capabilities.APIVersions.Has "security.openshift.io/v1")) -}}
{{- $problems = append $problems "The cluster is no OpenShift: set securityContextConstraints.create to false" -}}
{{- end -}}
{{- if and $v.admissionPolicy.create (semverCompare "<1.30-0" .Capabilities.KubeVersion.Version) -}}
{{- $problems = append $problems "The cluster knows no ValidatingAdmissionPolicy before Kubernetes 1.30: set admissionPolicy.create to false" -}}
{{- end -}}
{{- if not (empty $problems) -}}
{{- fail (printf "\n  - %s" (join "\n  - " $problems)) -}}
{{- end -}}
{{- end -}}
