{{/* A value of a secret that is there already, else a new one: an upgrade changes no key. Called with a dict: root, secret, key. */}}
{{- define "bridge.once" -}}
{{- $known := lookup "v1" "Secret" .root.Release.Namespace .secret }}
{{- $held := dig "data" .key "" ($known | default dict) }}
{{- if $held }}{{ $held | b64dec }}{{ else }}{{ randAlphaNum 43 }}{{ end }}
{{- end }}

{{/* The same all through one rendering: the pods' checksum must be that of the secret. */}}
{{- define "bridge.keys" -}}
{{- if not (hasKey .Release "bridgeKeys") }}
{{- $secret := include "bridge.secret" . }}
{{- $_ := set .Release "bridgeKeys" (dict
  "api-key" (include "bridge.once" (dict "root" . "secret" $secret "key" "api-key"))
  "signing-key" (include "bridge.once" (dict "root" . "secret" $secret "key" "signing-key"))
) }}
{{- end }}
{{- toYaml .Release.bridgeKeys }}
{{- end }}
