/** Amounts as Kubernetes writes them. Source: apimachinery pkg/api/resource Quantity. */

const QUANTITY = /^([+-]?[0-9.]+)(?:[eE]([+-]?\d+)|([KMGTPE]i|[numkMGTPE])?)$/;
const POWERS = 'KMGTPE';

/** A `resource.Quantity` (`100m`, `2Gi`, `1e3`) as a number, or undefined when it is none. For comparing; not exact beyond 2⁵³. */
export function quantity(text: unknown): number | undefined {
  if (typeof text === 'number') return text;
  const match = typeof text === 'string' ? QUANTITY.exec(text) : null;
  if (match === null) return undefined;
  const [, digits = '', exponent, suffix = ''] = match;
  const value = Number(digits);
  if (Number.isNaN(value)) return undefined;
  if (exponent !== undefined) return value * 10 ** Number(exponent);
  if (suffix === '') return value;
  if (suffix === 'm' || suffix === 'u' || suffix === 'n') return value / 1000 ** ('mun'.indexOf(suffix) + 1);
  const power = POWERS.indexOf(suffix.charAt(0).toUpperCase()) + 1;
  return value * (suffix.endsWith('i') ? 1024 : 1000) ** power;
}
