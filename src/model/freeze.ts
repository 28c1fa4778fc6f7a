/** Proves that nobody mutates shared data: deep-freezes in development and tests, does nothing otherwise (see client-go's mutation detector). */

/** Set once by whoever starts the process; tests and `NODE_ENV=development` turn it on. */
export const freezing = { enabled: false };

/** Freezes the value and all it holds when freezing is on; returns it either way. */
export function freeze<T>(value: T): T {
  if (freezing.enabled) deepFreeze(value);
  return value;
}

function deepFreeze(value: unknown): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return;
  Object.freeze(value);
  for (const inner of Object.values(value)) deepFreeze(inner);
}
