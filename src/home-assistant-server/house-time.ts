/** Seconds since 1970, as Home Assistant sends them, in the spelling of its REST API: microseconds and an offset. */
export function isoOf(seconds: number): string {
  const micros = Math.round(seconds * 1e6);
  const fraction = micros % 1e6;
  const whole = new Date((micros - fraction) / 1000).toISOString().slice(0, 19);
  return fraction === 0 ? `${whole}+00:00` : `${whole}.${String(fraction).padStart(6, '0')}+00:00`;
}
