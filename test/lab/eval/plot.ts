/** The reliability of confidence as a picture: how often a claim is right, by how sure it was. */
import { binsOf, type Claim, calibrationError, wilson } from './statistics.ts';

const SIZE = 360;
const EDGE = 48;

export function reliabilityPlot(claims: readonly Claim[], title: string): string {
  const x = (share: number): number => Math.round(EDGE + share * SIZE);
  const y = (share: number): number => Math.round(EDGE + (1 - share) * SIZE);
  const points = binsOf(claims).map(({ confidence, accuracy, count }) => {
    const [low, high] = wilson(Math.round(accuracy * count), count);
    const radius = 3 + Math.sqrt(count);
    return `  <line x1="${x(confidence)}" y1="${y(low)}" x2="${x(confidence)}" y2="${y(high)}" stroke="#8aa4c8"/>
  <circle cx="${x(confidence)}" cy="${y(accuracy)}" r="${radius.toFixed(1)}" fill="#2f5d9b"><title>${count} claims: confidence ${confidence.toFixed(2)}, right ${accuracy.toFixed(2)}</title></circle>`;
  });
  const ticks = [0, 0.25, 0.5, 0.75, 1].map(
    (share) => `  <text x="${x(share)}" y="${y(0) + 18}" text-anchor="middle">${share}</text>
  <text x="${x(0) - 8}" y="${y(share) + 4}" text-anchor="end">${share}</text>`,
  );
  const side = SIZE + 2 * EDGE;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${side} ${side}" font-family="sans-serif" font-size="12">
  <rect width="${side}" height="${side}" fill="#fff"/>
  <text x="${x(0)}" y="24" font-size="14">${title}: ${claims.length} claims, expected calibration error ${calibrationError(claims).toFixed(3)}</text>
  <rect x="${x(0)}" y="${y(1)}" width="${SIZE}" height="${SIZE}" fill="none" stroke="#999"/>
  <line x1="${x(0)}" y1="${y(0)}" x2="${x(1)}" y2="${y(1)}" stroke="#ccc" stroke-dasharray="4"/>
${[...ticks, ...points].join('\n')}
  <text x="${x(0.5)}" y="${side - 10}" text-anchor="middle">confidence of the first cause</text>
  <text transform="translate(14 ${y(0.5)}) rotate(-90)" text-anchor="middle">share that is right</text>
</svg>
`;
}
