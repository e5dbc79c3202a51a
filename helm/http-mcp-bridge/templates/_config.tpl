{{/* How the pods reach Redis: "secret", "url", "bundled", or nothing. */}}
{{- define "bridge.redis" -}}
{{- if .Values.redis.external.existingSecret }}secret
{{- else if .Values.redis.external.url }}url
{{- else if .Values.redis.bundled.enabled }}bundled
{{- end }}
{{- end }}

{{- define "bridge.redisSecret" -}}
{{- if eq (include "bridge.redis" .) "secret" }}{{ .Values.redis.external.existingSecret }}
{{- else }}{{ include "bridge.fullname" . }}-redis{{ end }}
{{- end }}

{{- define "bridge.prefix" -}}
{{- dig "redis" "prefix" "http-mcp-bridge" .Values.config }}
{{- end }}

{{/* The sorted set whose length is the number of waiting calls. */}}
{{- define "bridge.waitingKey" -}}
{{ printf "{%s}:g:due" (include "bridge.prefix" .) }}
{{- end }}

{{- define "bridge.health" -}}
{{- dig "monitoring" "health_check_path" "/health" .Values.config }}
{{- end }}

{{- define "bridge.drainSeconds" -}}
{{- $delay := dig "shutdown" "delay_seconds" 5 .Values.config }}
{{- $end := dig "shutdown" "timeout_seconds" 60 .Values.config }}
{{- add .Values.drain.preStopSeconds $delay $end 10 }}
{{- end }}

{{/* Names under which callers reach the bridge: those of the Service and of every route. */}}
{{- define "bridge.hosts" -}}
{{- $service := include "bridge.fullname" . }}
{{- $hosts := list $service (printf "%s.%s" $service .Release.Namespace) (printf "%s.%s.svc" $service .Release.Namespace) (printf "%s.%s.svc.cluster.local" $service .Release.Namespace) }}
{{- if .Values.ingress.enabled }}{{ $hosts = concat $hosts .Values.ingress.hosts }}{{ end }}
{{- if .Values.httpRoute.enabled }}{{ $hosts = concat $hosts .Values.httpRoute.hostnames }}{{ end }}
{{- toJson (concat $hosts (dig "access" "allowed_hosts" list .Values.config) | uniq) }}
{{- end }}

{{- define "bridge.config" -}}
{{- $own := dict
  "bridge" (dict "host" "0.0.0.0" "port" 3003)
  "monitoring" (dict "prometheus_host" "0.0.0.0" "prometheus_port" 9090)
  "access" (dict "key_file" "/secrets/access/api-key" "signing_key_file" "/secrets/access/signing-key")
}}
{{- if eq (include "bridge.redis" .) "url" }}{{ $_ := set $own "redis" (dict "url" .Values.redis.external.url) }}{{ end }}
{{- $config := mergeOverwrite $own (deepCopy .Values.config) }}
{{- $_ := set $config.access "allowed_hosts" (include "bridge.hosts" . | fromJsonArray) }}
{{- toYaml $config }}
{{- end }}

{{- define "bridge.pods" -}}
{{- if or .Values.autoscaling.hpa.enabled .Values.autoscaling.keda.enabled }}many
{{- else if .Values.split.enabled }}many
{{- else if gt (int .Values.replicas) 1 }}many
{{- else }}one
{{- end }}
{{- end }}

{{/* What no schema can say. */}}
{{- define "bridge.check" -}}
{{- if and (eq (include "bridge.pods" .) "many") (not (include "bridge.redis" .)) }}
{{- fail "More than one pod needs Redis, or calls on one entity would collide: set redis.external.url, redis.external.existingSecret or redis.bundled.enabled" }}
{{- end }}
{{- if le (int .Values.drain.terminationGracePeriodSeconds) (int (include "bridge.drainSeconds" .)) }}
{{- fail (printf "drain.terminationGracePeriodSeconds must be above %s: preStopSeconds + shutdown.delay_seconds + shutdown.timeout_seconds + 10" (include "bridge.drainSeconds" .)) }}
{{- end }}
{{- if and .Values.autoscaling.keda.enabled (eq (include "bridge.redis" .) "secret") (not .Values.redis.external.address) (not .Values.autoscaling.keda.prometheus.enabled) }}
{{- fail "KEDA cannot read a url from a secret: set redis.external.address to host:port" }}
{{- end }}
{{- if and .Values.httpRoute.enabled (not .Values.httpRoute.parentRefs) }}
{{- fail "httpRoute.parentRefs is empty: name the gateway the route belongs to" }}
{{- end }}
{{- end }}
