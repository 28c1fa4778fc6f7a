/** The table of investigations; each is a tool. */
import type { Investigation } from './investigation.ts';
import { nodeHealth } from './node-health.ts';
import { podIssues } from './pod-issues.ts';
import { podStartup } from './pod-startup.ts';
import { recentChanges } from './recent-changes.ts';
import { resourceLimits } from './resource-limits.ts';
import { volumeIssues } from './volume-issues.ts';

export const investigations: readonly Investigation[] = [
  nodeHealth,
  podIssues,
  volumeIssues,
  recentChanges,
  podStartup,
  resourceLimits,
];
