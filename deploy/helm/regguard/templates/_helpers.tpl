{{- define "regguard.name" -}}
{{ default .Chart.Name .Values.nameOverride | trunc 50 | trimSuffix "-" }}
{{- end }}

{{- define "regguard.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{ .Values.fullnameOverride | trunc 50 | trimSuffix "-" }}
{{- else if contains (include "regguard.name" .) .Release.Name -}}
{{ .Release.Name | trunc 50 | trimSuffix "-" }}
{{- else -}}
{{ printf "%s-%s" .Release.Name (include "regguard.name" .) | trunc 50 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{/* Selectors have these only: what tools rewrite for all objects (commonLabels, commonMetadata) must not change them. */}}
{{- define "regguard.selector" -}}
app.kubernetes.io/name: {{ include "regguard.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "regguard.labels" -}}
{{- $own := merge (include "regguard.selector" . | fromYaml) (dict
  "app.kubernetes.io/version" .Chart.AppVersion
  "app.kubernetes.io/managed-by" .Release.Service
  "helm.sh/chart" (printf "%s-%s" .Chart.Name .Chart.Version)) -}}
{{ toYaml (merge $own .Values.commonLabels) }}
{{- end }}

{{- define "regguard.image" -}}
{{- $image := .Values.image -}}
{{- if $image.digest -}}
{{ $image.repository }}@{{ $image.digest }}
{{- else -}}
{{ $image.repository }}:{{ default .Chart.AppVersion $image.tag }}
{{- end }}
{{- end }}

{{/* What the schema cannot say. */}}
{{- define "regguard.check" -}}
{{- if and (eq .Values.kind "Deployment") (gt (int .Values.shards) 1) }}
{{- fail "shards needs kind: StatefulSet, or CronJob: the pods of a Deployment have no number" }}
{{- end }}
{{- if and (eq .Values.kind "CronJob") (not .Values.settings.pushgateway) (not .Values.secretSettings.pushgateway) }}
{{- fail "kind: CronJob needs settings.pushgateway: its pods are gone before anybody could scrape them" }}
{{- end }}
{{- if and (eq .Values.kind "CronJob") (gt (int .Values.shards) 1) .Values.persistence.enabled }}
{{- fail "persistence is not for a CronJob with shards: its pods would share one state. Use kind: StatefulSet" }}
{{- end }}
{{- if and (eq .Values.kind "StatefulSet") .Values.persistence.existingClaim }}
{{- fail "persistence.existingClaim is not for kind: StatefulSet, whose pods have a claim each" }}
{{- end }}
{{- if and (eq .Values.kind "CronJob") (or .Values.serviceMonitor.enabled .Values.podMonitor.enabled) }}
{{- fail "serviceMonitor and podMonitor are not for kind: CronJob, which serves no metrics" }}
{{- end }}
{{- if and (eq .Values.kind "CronJob") (or .Values.metricsToken.name .Values.eventsToken.name) }}
{{- fail "metricsToken and eventsToken are not for kind: CronJob, which serves nothing" }}
{{- end }}
{{- if and .Values.serviceMonitor.enabled .Values.podMonitor.enabled }}
{{- fail "serviceMonitor and podMonitor would scrape everything twice: enable one of both" }}
{{- end }}
{{- range $name, $_ := .Values.settings }}
{{- if hasKey $.Values.secretSettings $name }}
{{- fail (printf "%s is in settings and in secretSettings: keep one of both" $name) }}
{{- end }}
{{- end }}
{{- end }}

{{/* The variables of the container, as YAML. A setting NAME is PLUGIN_NAME; lists are JSON, so that no item is split. */}}
{{- define "regguard.env" -}}
{{- $own := dict "registries" .Values.registries "state_dir" "/var/lib/regguard" -}}
{{- if ne .Values.kind "CronJob" }}{{ $_ := set $own "listen" "0.0.0.0:9743" }}{{ else }}{{ $_ := set $own "once" true }}{{ end }}
{{- if gt (int .Values.shards) 1 }}{{ $_ := set $own "shards" .Values.shards }}{{ end }}
{{- if .Values.dockerConfigSecret }}{{ $_ := set $own "docker_config" "/etc/regguard/docker/config.json" }}{{ end }}
{{- if .Values.caConfigMap.name }}{{ $_ := set $own "ca_file" "/etc/regguard/ca/ca.crt" }}{{ end }}
{{- if .Values.acceptedFaults }}{{ $_ := set $own "accepted_faults" "/etc/regguard/accepted/faults.json" }}{{ end }}
{{- if .Values.metricsToken.name }}{{ $_ := set $own "metrics_token_file" "/etc/regguard/metrics/token" }}{{ end }}
{{- if .Values.eventsToken.name }}{{ $_ := set $own "events_token_file" "/etc/regguard/events/token" }}{{ end }}
{{- range $name, $value := merge $own .Values.settings }}
- name: PLUGIN_{{ upper $name }}
  value: {{ ternary $value (toJson $value) (kindIs "string" $value) | quote }}
{{- end }}
{{- range $name, $from := .Values.secretSettings }}
- name: PLUGIN_{{ upper $name }}
  valueFrom:
    secretKeyRef:
      name: {{ $from.name }}
      key: {{ $from.key }}
{{- end }}
{{- with .Values.env }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* Files from Secrets and ConfigMaps: a list of {name, path, volume}. */}}
{{- define "regguard.files" -}}
{{- with .Values.dockerConfigSecret }}
- name: docker-config
  path: /etc/regguard/docker
  volume:
    secret:
      secretName: {{ . }}
      defaultMode: 0440
      items: [{key: .dockerconfigjson, path: config.json}]
{{- end }}
{{- if .Values.caConfigMap.name }}
- name: ca
  path: /etc/regguard/ca
  volume:
    configMap:
      name: {{ .Values.caConfigMap.name }}
      items: [{key: {{ .Values.caConfigMap.key | quote }}, path: ca.crt}]
{{- end }}
{{- if .Values.acceptedFaults }}
- name: accepted
  path: /etc/regguard/accepted
  volume:
    configMap:
      name: {{ include "regguard.fullname" . }}-accepted
{{- end }}
{{- range $name := list "metrics" "events" }}
{{- $token := index $.Values (printf "%sToken" $name) }}
{{- if $token.name }}
- name: {{ $name }}-token
  path: /etc/regguard/{{ $name }}
  volume:
    secret:
      secretName: {{ $token.name }}
      defaultMode: 0440
      items: [{key: {{ $token.key | quote }}, path: token}]
{{- end }}
{{- end }}
{{- end }}

{{/* The ports that the pod connects to, from the addresses in the values. */}}
{{- define "regguard.ports" -}}
{{- $ports := list 443 -}}
{{- $addresses := .Values.registries -}}
{{- range $name := list "pushgateway" "repo" }}
{{- $value := index $.Values.settings $name }}
{{- if kindIs "slice" $value }}{{ $addresses = concat $addresses $value }}
{{- else if $value }}{{ $addresses = append $addresses $value }}{{ end }}
{{- end }}
{{- range $address := $addresses }}
{{- $port := regexFind ":[0-9]+$" (regexFind "^(?:https?://)?[^/]+" $address) | trimPrefix ":" }}
{{- if $port }}{{ $ports = append $ports (int $port) }}
{{- else if hasPrefix "http://" $address }}{{ $ports = append $ports 80 }}
{{- end }}
{{- end }}
{{- range .Values.networkPolicy.ports }}{{ $ports = append $ports (int .) }}{{ end }}
{{- toJson (uniq $ports) }}
{{- end }}

{{/* The template of the pod: the same for all kinds. */}}
{{- define "regguard.pod" -}}
{{- $files := include "regguard.files" . | fromYamlArray -}}
metadata:
  labels:
    {{- toYaml (merge (include "regguard.selector" . | fromYaml) .Values.podLabels .Values.commonLabels) | nindent 4 }}
  {{- with .Values.podAnnotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  {{- if eq .Values.kind "CronJob" }}
  restartPolicy: Never
  {{- end }}
  # Nothing is asked of the Kubernetes API.
  automountServiceAccountToken: false
  enableServiceLinks: false
  {{- with .Values.serviceAccountName }}
  serviceAccountName: {{ . }}
  {{- end }}
  {{- with .Values.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  {{- with .Values.imagePullSecrets }}
  imagePullSecrets:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  # SIGTERM ends the watch within 10 s, with its state saved.
  terminationGracePeriodSeconds: 20
  securityContext:
    runAsNonRoot: true
    runAsUser: 65532
    runAsGroup: 65532
    fsGroup: 65532
    fsGroupChangePolicy: OnRootMismatch
    seccompProfile:
      type: RuntimeDefault
  containers:
    - name: watch
      image: {{ include "regguard.image" . | quote }}
      imagePullPolicy: {{ .Values.image.pullPolicy }}
      args: [watch]
      env:
        {{- include "regguard.env" . | trim | nindent 8 }}
      {{- if ne .Values.kind "CronJob" }}
      ports:
        - name: metrics
          containerPort: 9743
      livenessProbe:
        httpGet: {path: /healthz, port: metrics}
        periodSeconds: 20
        timeoutSeconds: 5
        failureThreshold: 6
      # Ready when the first run has ended, whatever it found: broken images must not take the metrics away.
      readinessProbe:
        httpGet: {path: /readyz, port: metrics}
        periodSeconds: 10
        timeoutSeconds: 5
      {{- end }}
      resources:
        {{- toYaml .Values.resources | nindent 8 }}
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities:
          drop: [ALL]
      volumeMounts:
        - name: state
          mountPath: /var/lib/regguard
        {{- range $files }}
        - name: {{ .name }}
          mountPath: {{ .path }}
          readOnly: true
        {{- end }}
  {{- $claimed := and .Values.persistence.enabled (eq .Values.kind "StatefulSet") }}
  {{- if or $files (not $claimed) }}
  volumes:
    {{- if not $claimed }}
    - name: state
      {{- if .Values.persistence.enabled }}
      persistentVolumeClaim:
        claimName: {{ default (printf "%s-state" (include "regguard.fullname" .)) .Values.persistence.existingClaim }}
      {{- else }}
      emptyDir: {}
      {{- end }}
    {{- end }}
    {{- range $files }}
    - name: {{ .name }}
      {{- toYaml .volume | nindent 6 }}
    {{- end }}
  {{- end }}
  {{- range $name := list "nodeSelector" "tolerations" "affinity" }}
  {{- with index $.Values $name }}
  {{ $name }}:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- end }}
  {{- with .Values.topologySpreadConstraints }}
  topologySpreadConstraints:
    {{- range . }}
    {{- /* Without a selector it would count no pod, and spread nothing. */}}
    {{- $own := dict "labelSelector" (dict "matchLabels" (include "regguard.selector" $ | fromYaml)) }}
    {{- toYaml (list (hasKey . "labelSelector" | ternary . (mustMergeOverwrite $own .))) | nindent 4 }}
    {{- end }}
  {{- end }}
{{- end }}

{{- define "regguard.claim" -}}
accessModes: [ReadWriteOnce]
{{- with .Values.persistence.storageClass }}
storageClassName: {{ . | quote }}
{{- end }}
resources:
  requests:
    storage: {{ .Values.persistence.size }}
{{- end }}
