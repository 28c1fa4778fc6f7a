/** How a change carries the time at which it was made through everything that it passes: in a label of the changed object. */

/** Its value is milliseconds since 1970, by this machine's clock, which all processes of a benchmark share. */
export const sentLabel = 'kube-kg.bench/sent';
