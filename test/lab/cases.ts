/** All cases of the lab. */
import type { Case } from './fault.ts';
import { admissionFaults } from './faults/admission.ts';
import { chainFaults } from './faults/chains.ts';
import { commandFaults } from './faults/commands.ts';
import { configurationFaults } from './faults/configuration.ts';
import { databaseFaults } from './faults/databases.ts';
import { decoyFaults } from './faults/decoys.ts';
import { imageFaults } from './faults/images.ts';
import { jobFaults } from './faults/jobs.ts';
import { memoryAndDiskFaults } from './faults/memory-and-disks.ts';
import { networkFaults } from './faults/network.ts';
import { autoscalingFaults, controlPlaneFaults, nodeFaults } from './faults/nodes.ts';
import { policyFaults } from './faults/policies.ts';
import { probeFaults } from './faults/probes.ts';
import { rightsFaults } from './faults/rights.ts';
import { schedulingFaults } from './faults/scheduling.ts';
import { storageFaults } from './faults/storage.ts';
import { townFaults } from './faults/towns.ts';
import { webhookFaults } from './faults/webhooks.ts';
import { calmCases } from './negatives/calm.ts';
import { recoveredCases } from './negatives/recovered.ts';

export const cases: readonly Case[] = [
  ...imageFaults,
  ...commandFaults,
  ...configurationFaults,
  ...databaseFaults,
  ...probeFaults,
  ...memoryAndDiskFaults,
  ...jobFaults,
  ...schedulingFaults,
  ...storageFaults,
  ...admissionFaults,
  ...webhookFaults,
  ...rightsFaults,
  ...networkFaults,
  ...policyFaults,
  ...nodeFaults,
  ...controlPlaneFaults,
  ...autoscalingFaults,
  ...chainFaults,
  ...decoyFaults,
  ...townFaults,
  ...calmCases,
  ...recoveredCases,
];
