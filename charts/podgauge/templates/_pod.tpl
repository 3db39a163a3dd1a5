{{/*
What the agent's pods and the pod of `helm test` have in common: all of it but the sub-command and the probes. Takes the root as `root`,
the sub-command as `command`, and `probes` where there are any.
*/}}
{{- define "podgauge.podSpec" -}}
{{- $root := .root -}}
{{- $v := .root.Values -}}
{{- $mountsProc := eq $v.host.proc "mount" -}}
serviceAccountName: {{ include "podgauge.serviceAccountName" $root }}
automountServiceAccountToken: true
# Variables of the Services of the namespace are of no use here.
enableServiceLinks: false
{{- if not $mountsProc }}
# Through it the kernel tells which processes, and so which networks, are a pod's. None of them can be touched: see the security context.
hostPID: true
{{- end }}
{{- with $v.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $v.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
terminationGracePeriodSeconds: {{ add 10 (div (add 999 (include "podgauge.milliseconds" $v.shutdownTimeout | int64)) 1000) }}
securityContext:
  runAsNonRoot: true
  # A uid of its own: processes of one uid may read each other's secrets.
  runAsUser: 19610
  runAsGroup: 19610
  fsGroup: 19610
  {{- with $v.supplementalGroups }}
  supplementalGroups:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  seccompProfile:
    type: RuntimeDefault
containers:
  - name: podgauge
    image: {{ include "podgauge.image" $root }}
    imagePullPolicy: {{ $v.image.pullPolicy }}
    args: [{{ .command }}]
    env:
      - name: NODE_NAME
        valueFrom:
          fieldRef:
            fieldPath: spec.nodeName
      - name: POD_IP
        valueFrom:
          fieldRef:
            fieldPath: status.podIP
      - name: PODGAUGE_CONFIG
        value: /etc/podgauge/config/config.json
      - name: PODGAUGE_LISTEN
        value: "[$(POD_IP)]:{{ $v.port }}"
      {{- if ne $v.state.type "none" }}
      - name: PODGAUGE_STATE_DIR
        value: /var/lib/podgauge
      {{- end }}
      {{- if include "podgauge.tokenSecret" $root }}
      - name: INFLUX_TOKEN_FILE
        value: /etc/podgauge/influxdb-token/token
      {{- end }}
      {{- with $v.extraEnv }}
      {{- toYaml . | nindent 6 }}
      {{- end }}
    {{- with $v.extraEnvFrom }}
    envFrom:
      {{- toYaml . | nindent 6 }}
    {{- end }}
    {{- if .probes }}
    ports:
      - name: http
        containerPort: {{ $v.port }}
    # Without a host, the kubelet asks the pod's address.
    startupProbe:
      httpGet: { path: /healthz, port: http }
      {{- toYaml $v.startupProbe | nindent 6 }}
    livenessProbe:
      httpGet: { path: /healthz, port: http }
      {{- toYaml $v.livenessProbe | nindent 6 }}
    readinessProbe:
      httpGet: { path: /readyz, port: http }
      {{- toYaml $v.readinessProbe | nindent 6 }}
    {{- end }}
    {{- with $v.resources }}
    resources:
      {{- toYaml . | nindent 6 }}
    {{- end }}
    securityContext:
      allowPrivilegeEscalation: false
      readOnlyRootFilesystem: true
      capabilities:
        drop: [ALL]
      {{- with $v.seLinuxType }}
      seLinuxOptions:
        type: {{ . }}
      {{- end }}
    volumeMounts:
      # The numbers themselves.
      - name: cgroup
        mountPath: /host/sys/fs/cgroup
        {{- include "podgauge.readOnly" $root | nindent 8 }}
      {{- if $mountsProc }}
      # Which processes are a pod's, and their network.
      - name: proc
        mountPath: /host/proc
        {{- include "podgauge.readOnly" $root | nindent 8 }}
      {{- end }}
      - name: config
        mountPath: /etc/podgauge/config
        readOnly: true
      {{- if include "podgauge.tokenSecret" $root }}
      # As a directory: a file mounted by subPath would keep the old token.
      - name: influxdb-token
        mountPath: /etc/podgauge/influxdb-token
        readOnly: true
      {{- end }}
      {{- if or $v.influxdb.ca.configMap $v.influxdb.ca.secret }}
      - name: influxdb-ca
        mountPath: /etc/podgauge/influxdb-ca
        readOnly: true
      {{- end }}
      {{- if $v.influxdb.clientCertificate.secret }}
      - name: influxdb-client
        mountPath: /etc/podgauge/influxdb-client
        readOnly: true
      {{- end }}
      {{- if $v.kubeletCa.configMap }}
      - name: kubelet-ca
        mountPath: /etc/podgauge/kubelet-ca
        readOnly: true
      {{- end }}
      {{- if ne $v.state.type "none" }}
      - name: state
        mountPath: /var/lib/podgauge
      {{- end }}
      {{- with $v.extraVolumeMounts }}
      {{- toYaml . | nindent 6 }}
      {{- end }}
volumes:
  {{- include "podgauge.volumes" . | nindent 2 }}
nodeSelector:
  {{- mergeOverwrite (dict) $v.nodeSelector (dict "kubernetes.io/os" "linux") | toYaml | nindent 2 }}
{{- with $v.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $v.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* A read-only mount leaves what is mounted below it writable, where a cluster does not know how to say more. */}}
{{- define "podgauge.readOnly" -}}
readOnly: true
{{- if semverCompare ">=1.33-0" .Capabilities.KubeVersion.Version }}
recursiveReadOnly: IfPossible
{{- end }}
{{- end -}}

{{- define "podgauge.volumes" -}}
{{- $v := .root.Values -}}
- name: cgroup
  hostPath:
    path: /sys/fs/cgroup
    type: Directory
{{- if eq $v.host.proc "mount" }}
- name: proc
  hostPath:
    path: /proc
    type: Directory
{{- end }}
- name: config
  configMap:
    name: {{ include "podgauge.fullname" .root }}
{{- with include "podgauge.tokenSecret" .root }}
- name: influxdb-token
  secret:
    secretName: {{ . }}
    defaultMode: 0440
    items:
      - key: {{ empty $v.influxdb.existingSecret | ternary "token" $v.influxdb.existingSecretKey }}
        path: token
{{- end }}
{{- with $v.influxdb.ca.configMap }}
- name: influxdb-ca
  configMap:
    name: {{ . }}
{{- end }}
{{- with $v.influxdb.ca.secret }}
- name: influxdb-ca
  secret:
    secretName: {{ . }}
    defaultMode: 0440
    items:
      - key: {{ $v.influxdb.ca.key }}
        path: {{ $v.influxdb.ca.key }}
{{- end }}
{{- with $v.influxdb.clientCertificate.secret }}
- name: influxdb-client
  secret:
    secretName: {{ . }}
    defaultMode: 0440
{{- end }}
{{- with $v.kubeletCa.configMap }}
- name: kubelet-ca
  configMap:
    name: {{ . }}
{{- end }}
{{- if and (eq $v.state.type "hostPath") .probes }}
- name: state
  hostPath:
    path: {{ include "podgauge.stateDirectory" .root }}
    type: Directory
{{- else if ne $v.state.type "none" }}
- name: state
  emptyDir:
    sizeLimit: {{ $v.state.sizeLimit }}
{{- end }}
{{- with $v.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end -}}
