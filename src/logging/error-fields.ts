const MAX_CAUSES = 5;

/** What a log line tells of an error: the names and words of it and its causes, and where it arose for who debugs. */
export function errorFields(error: Error, withStack: boolean): Record<string, unknown> {
  const { name, message, stack } = error;
  const code: unknown = 'code' in error ? error.code : undefined;
  const causes = causesOf(error).map((cause) => `${cause.name}: ${cause.message}`);
  return {
    name,
    message,
    ...((typeof code === 'string' || typeof code === 'number') && { code }),
    ...(causes.length > 0 && { causes }),
    ...(withStack && { stack }),
  };
}

function causesOf(error: Error): Error[] {
  const causes: Error[] = [];
  for (let { cause } = error; cause instanceof Error && causes.length < MAX_CAUSES; cause = cause.cause) causes.push(cause);
  return causes;
}
