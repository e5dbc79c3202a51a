{{/* Which deployment runs the MCP servers, and so is the one to scale. */}}
{{- define "bridge.scaledRole" -}}
{{- ternary "back" "all" .Values.split.enabled }}
{{- end }}

{{/* Which pods answer HTTP. */}}
{{- define "bridge.servingRole" -}}
{{- ternary "front" "all" .Values.split.enabled }}
{{- end }}

{{/* Called with a dict: root, role. */}}
{{- define "bridge.deployment" -}}
{{- include "bridge.fullname" .root }}{{ if ne .role "all" }}-{{ .role }}{{ end }}
{{- end }}
