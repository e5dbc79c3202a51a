{{/* The pod of one role. Called with a dict: root, role, resources. */}}
{{- define "bridge.pod" -}}
{{- $root := .root }}
{{- with $root }}
metadata:
  labels:
    {{- include "bridge.selector" . | nindent 4 }}
    app.kubernetes.io/component: {{ $.role }}
    {{- with .Values.podLabels }}{{ toYaml . | nindent 4 }}{{ end }}
  annotations:
    checksum/config: {{ include (print $.root.Template.BasePath "/configmap.yaml") . | sha256sum }}
    {{- if .Values.access.existingSecret }}
    checksum/keys: {{ .Values.access.existingSecret | sha256sum }}
    {{- else }}
    checksum/keys: {{ include "bridge.keys" . | sha256sum }}
    {{- end }}
    {{- with .Values.podAnnotations }}{{ toYaml . | nindent 4 }}{{ end }}
spec:
  automountServiceAccountToken: false
  enableServiceLinks: false
  terminationGracePeriodSeconds: {{ .Values.drain.terminationGracePeriodSeconds }}
  {{- with .Values.imagePullSecrets }}
  imagePullSecrets: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  securityContext:
    runAsNonRoot: true
    runAsUser: 1000
    runAsGroup: 1000
    fsGroup: 1000
    seccompProfile: {type: RuntimeDefault}
  {{- with .Values.initContainers }}
  initContainers: {{- toYaml . | nindent 4 }}
  {{- end }}
  containers:
    - name: bridge
      image: {{ include "bridge.image" . }}
      imagePullPolicy: {{ .Values.image.pullPolicy }}
      args: [node, dist/main.js, --config, /config/bridge.yaml]
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities: {drop: [ALL]}
      env:
        - {name: HASS_DEMO, value: "off"}
        - {name: BRIDGE__BRIDGE__ROLE, value: {{ $.role }}}
        {{- /* The image has variables of its own, and variables win over the file. */}}
        {{- $config := include "bridge.config" . | fromYaml }}
        - {name: BRIDGE__BRIDGE__HOST, value: {{ $config.bridge.host | default "" | quote }}}
        - {name: BRIDGE__MONITORING__PROMETHEUS_HOST, value: {{ $config.monitoring.prometheus_host | default "" | quote }}}
        - {name: BRIDGE__ACCESS__KEY_FILE, value: {{ $config.access.key_file | default "" | quote }}}
        - {name: BRIDGE__ACCESS__SIGNING_KEY_FILE, value: {{ $config.access.signing_key_file | default "" | quote }}}
        {{- with .Values.homeAssistant.url }}
        - {name: HASS_URL, value: {{ . | quote }}}
        {{- end }}
        {{- if .Values.homeAssistant.existingSecret }}
        - {name: HASS_TOKEN_FILE, value: /secrets/home-assistant/{{ .Values.homeAssistant.tokenKey }}}
        {{- end }}
        {{- if has (include "bridge.redis" .) (list "secret" "bundled") }}
        - {name: REDIS_URL_FILE, value: /secrets/redis/{{ ternary .Values.redis.external.urlKey "redis-url" (eq (include "bridge.redis" .) "secret") }}}
        {{- end }}
        {{- with .Values.extraEnv }}{{ toYaml . | nindent 8 }}{{ end }}
      {{- with .Values.envFrom }}
      envFrom: {{- toYaml . | nindent 8 }}
      {{- end }}
      ports:
        - {name: http, containerPort: 3003}
        - {name: metrics, containerPort: 9090}
      startupProbe:
        httpGet: {path: {{ include "bridge.health" . }}/live, port: http}
        periodSeconds: 2
        failureThreshold: 30
      livenessProbe:
        httpGet: {path: {{ include "bridge.health" . }}/live, port: http}
        periodSeconds: 10
        timeoutSeconds: 3
        failureThreshold: 3
      readinessProbe:
        httpGet: {path: {{ include "bridge.health" . }}/ready, port: http}
        periodSeconds: 5
        failureThreshold: 2
      lifecycle:
        preStop:
          sleep: {seconds: {{ .Values.drain.preStopSeconds }}}
      resources: {{- toYaml ($.resources | default .Values.resources) | nindent 8 }}
      volumeMounts:
        - {name: config, mountPath: /config, readOnly: true}
        - {name: access, mountPath: /secrets/access, readOnly: true}
        {{- if .Values.homeAssistant.existingSecret }}
        - {name: home-assistant, mountPath: /secrets/home-assistant, readOnly: true}
        {{- end }}
        {{- if has (include "bridge.redis" .) (list "secret" "bundled") }}
        - {name: redis, mountPath: /secrets/redis, readOnly: true}
        {{- end }}
        - {name: tmp, mountPath: /tmp}
        - {name: data, mountPath: /data}
        - {name: cache, mountPath: /cache}
        {{- with .Values.extraVolumeMounts }}{{ toYaml . | nindent 8 }}{{ end }}
    {{- with .Values.sidecars }}{{ toYaml . | nindent 4 }}{{ end }}
  volumes:
    - name: config
      configMap: {name: {{ include "bridge.fullname" . }}}
    - name: access
      secret: {secretName: {{ include "bridge.secret" . }}, defaultMode: 0440}
    {{- with .Values.homeAssistant.existingSecret }}
    - name: home-assistant
      secret: {secretName: {{ . }}, defaultMode: 0440}
    {{- end }}
    {{- if has (include "bridge.redis" .) (list "secret" "bundled") }}
    - name: redis
      secret: {secretName: {{ include "bridge.redisSecret" . }}, defaultMode: 0440}
    {{- end }}
    - name: tmp
      emptyDir: {sizeLimit: 256Mi}
    - name: data
      emptyDir: {sizeLimit: 256Mi}
    - name: cache
      {{- if .Values.cache.existingClaim }}
      persistentVolumeClaim: {claimName: {{ .Values.cache.existingClaim }}}
      {{- else }}
      emptyDir: {sizeLimit: {{ .Values.cache.sizeLimit }}}
      {{- end }}
    {{- with .Values.extraVolumes }}{{ toYaml . | nindent 4 }}{{ end }}
  {{- with .Values.nodeSelector }}
  nodeSelector: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.tolerations }}
  tolerations: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.affinity }}
  affinity: {{- toYaml . | nindent 4 }}
  {{- end }}
  topologySpreadConstraints:
    {{- if .Values.topologySpreadConstraints }}
    {{- toYaml .Values.topologySpreadConstraints | nindent 4 }}
    {{- else }}
    {{- range list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
    - maxSkew: 1
      topologyKey: {{ . }}
      whenUnsatisfiable: ScheduleAnyway
      labelSelector:
        matchLabels:
          {{- include "bridge.selector" $root | nindent 10 }}
          app.kubernetes.io/component: {{ $.role }}
    {{- end }}
    {{- end }}
{{- end }}
{{- end }}
