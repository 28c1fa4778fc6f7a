/** The section `logs` of the configuration: how much of what containers write is read and kept. */
import { z } from 'zod';
import { bytesIn } from '../lib/quantity.ts';

const positive = z.int().positive();
const rate = z.string().refine((text) => (bytesIn(text) ?? 0) > 0, 'write a size as 64kB or 1MiB');

export const logsSchema = z
  .strictObject({
    enabled: z
      .boolean()
      .default(true)
      .describe('read the logs of pods that look unwell, which needs `get` on `pods/log`'),
    pods: positive.max(500).default(20).describe('pods read at the same time in a cluster; more take turns'),
    podRate: rate.prefault('64kB').describe('bytes a second that are read of one pod'),
    rate: rate.prefault('512kB').describe('bytes a second that are read in a cluster'),
    podLines: positive.default(200).describe('lines a second that are read of one pod'),
    lines: positive.default(1_000).describe('lines a second that are read in a cluster'),
    tailLines: positive
      .max(10_000)
      .default(200)
      .describe('lines of the past that are read of a container to begin with'),
    calmSeconds: z
      .number()
      .nonnegative()
      .default(60)
      .describe('seconds for which a pod is read on after it is well again'),
    lookSeconds: z
      .number()
      .positive()
      .default(10)
      .describe('seconds that commands without a server spend on reading logs'),
    templates: positive.max(1_000).default(50).describe('templates that are kept of the lines of one container'),
    templatesMax: positive.default(10_000).describe('templates that are kept in a cluster'),
  })
  .prefault({});
