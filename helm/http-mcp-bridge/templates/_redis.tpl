{{/* host:port, as KEDA wants it. */}}
{{- define "bridge.redisAddress" -}}
{{- if .Values.redis.external.address }}{{ .Values.redis.external.address }}
{{- else if eq (include "bridge.redis" .) "bundled" }}{{ include "bridge.fullname" . }}-redis.{{ .Release.Namespace }}:6379
{{- else }}
{{- $host := (urlParse .Values.redis.external.url).host }}
{{- if contains ":" $host }}{{ $host }}{{ else }}{{ $host }}:6379{{ end }}
{{- end }}
{{- end }}

{{- define "bridge.redisTls" -}}
{{- or .Values.redis.external.tls (hasPrefix "rediss:" .Values.redis.external.url) }}
{{- end }}

{{- define "bridge.redisPassword" -}}
{{- if not (hasKey .Release "bridgeRedisPassword") }}
{{- $_ := set .Release "bridgeRedisPassword" (include "bridge.once" (dict "root" . "secret" (include "bridge.redisSecret" .) "key" "redis-password")) }}
{{- end }}
{{- .Release.bridgeRedisPassword }}
{{- end }}
