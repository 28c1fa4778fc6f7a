/** All mechanisms: every way of failing that is known, one file a family. Order does not matter. */
import { access } from './access.ts';
import { actors } from './actors.ts';
import { beside } from './beside.ts';
import { callees } from './callees.ts';
import { certificates } from './certificates.ts';
import { chaos } from './chaos.ts';
import { claims } from './claims.ts';
import { colocation } from './colocation.ts';
import { configuration } from './configuration.ts';
import { configured } from './configured.ts';
import { controlPlane } from './control-plane.ts';
import { crash } from './crash.ts';
import { creation } from './creation.ts';
import { credentials } from './credentials.ts';
import { delivery, throughDelivery } from './delivery.ts';
import { dependency } from './dependency.ts';
import { dns } from './dns.ts';
import { entry } from './entry.ts';
import { images } from './images.ts';
import { init } from './init.ts';
import { itself } from './itself.ts';
import { jobs } from './jobs.ts';
import { load } from './load.ts';
import type { Mechanism } from './mechanism.ts';
import { memory } from './memory.ts';
import { mutation } from './mutation.ts';
import { nodeNetwork } from './node-network.ts';
import { nodes } from './nodes.ts';
import { throughOperators } from './operators.ts';
import { policies } from './policies.ts';
import { preemption } from './preemption.ts';
import { probes } from './probes.ts';
import { throughProducers, unready } from './producers.ts';
import { unmade } from './quotas.ts';
import { refusals } from './refusals.ts';
import { release } from './release.ts';
import { routing } from './routing.ts';
import { sandbox } from './sandbox.ts';
import { scaling } from './scaling.ts';
import { scheduling } from './scheduling.ts';
import { settings } from './settings.ts';
import { storage } from './storage.ts';
import { volumesUse } from './volumes-use.ts';

const families: readonly Mechanism[] = [
  images,
  configuration,
  crash,
  dependency,
  settings,
  routing,
  release,
  refusals,
  policies,
  nodeNetwork,
  load,
  itself,
  entry,
  dns,
  credentials,
  chaos,
  beside,
  callees,
  scheduling,
  storage,
  claims,
  preemption,
  delivery,
  scaling,
  controlPlane,
  unmade,
  creation,
  sandbox,
  nodes,
  colocation,
  access,
  actors,
  certificates,
  configured,
  init,
  jobs,
  memory,
  mutation,
  probes,
  volumesUse,
  unready,
];

export const mechanisms: readonly Mechanism[] = families
  .map(throughProducers)
  .map(throughOperators)
  .map(throughDelivery);
