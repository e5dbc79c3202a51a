/** The variables a child may inherit: enough to find programs and their caches and to speak a language, nothing that holds a secret. */
const INHERITED = [
  ...(['HOME', 'LOGNAME', 'PATH', 'SHELL', 'TERM', 'USER', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR'] as const),
  ...(['npm_config_cache', 'npm_config_update_notifier', 'UV_CACHE_DIR', 'UV_TOOL_DIR'] as const),
];

/** The part of this process's environment that every child process gets. */
export function inheritedEnvironment(): Record<string, string> {
  return Object.fromEntries(
    INHERITED.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
