/**
 * The edge vocabulary: one table read by linking, impact, root cause, Cypher, docs and every interface.
 *
 * An edge reads `from —TYPE→ to` as an active sentence. `against` and `along` say which way failure travels:
 *   against: when `to` fails or goes, this happens to `from` (a Pod breaks with the Node that it RUNS_ON);
 *   along:   when `from` fails or goes, this happens to `to` (what an owner OWNS goes with it).
 * `redundant`: `from` is only degraded while another target of the same type still serves it, and breaks with the last (a Service SELECTS
 *   many Pods).
 * `toStart`: `from` needs `to` to start (or to be made), not to go on: a running Pod stays up without the ConfigMap that it MOUNTS, and does not
 *   start again. What is not `toStart` is needed to run.
 * `computed`: n × m statements (affinity, tolerations): answered from the selector index when read, never stored nor sent as diffs.
 */

export type Effect = 'breaks' | 'degrades';

export type Family =
  | 'ownership'
  | 'containment'
  | 'selection'
  | 'configuration'
  | 'identity'
  | 'access'
  | 'networking'
  | 'storage'
  | 'placement'
  | 'scaling'
  | 'policy'
  | 'admission'
  | 'supply'
  | 'delivery'
  | 'observation'
  | 'reference';

export interface EdgeInfo {
  readonly family: Family;
  /** Completes "A … B". */
  readonly sentence: string;
  readonly along?: Effect;
  readonly against?: Effect;
  readonly redundant?: true;
  readonly toStart?: true;
  readonly computed?: true;
}

export const edges = {
  // ownership and containment
  OWNS: { family: 'ownership', sentence: 'owns', along: 'breaks', against: 'degrades', redundant: true },
  IN_NAMESPACE: { family: 'containment', sentence: 'is in namespace', against: 'breaks' },
  INSTANCE_OF: { family: 'containment', sentence: 'is an instance of', against: 'breaks' },
  DEFINES: { family: 'containment', sentence: 'defines', along: 'breaks' },
  IN_ZONE: { family: 'containment', sentence: 'is in zone', against: 'breaks' },
  IN_REGION: { family: 'containment', sentence: 'is in region', against: 'breaks' },
  PART_OF: { family: 'containment', sentence: 'is part of', along: 'degrades' },
  RELEASED_BY: { family: 'delivery', sentence: 'is released by' },
  MANAGED_BY: { family: 'identity', sentence: 'has fields managed by' },
  FINALIZED_BY: { family: 'ownership', sentence: 'waits for the finalizer', against: 'degrades' },
  REVISION_OF: { family: 'ownership', sentence: 'is a revision of' },
  USES_REVISION: { family: 'ownership', sentence: 'runs the revision', against: 'degrades', toStart: true },

  // what a pod, or the template of pods, needs
  RUNS_ON: { family: 'placement', sentence: 'runs on', against: 'breaks' },
  NOMINATED_TO: { family: 'placement', sentence: 'is nominated to' },
  RUNS_SOFTWARE: { family: 'supply', sentence: 'runs the software' },
  RUNS_AS: { family: 'identity', sentence: 'runs as', against: 'breaks', toStart: true },
  MOUNTS: { family: 'configuration', sentence: 'mounts', against: 'breaks', toStart: true },
  READS: { family: 'configuration', sentence: 'reads its environment from', against: 'breaks', toStart: true },
  READS_SECRET: {
    family: 'configuration',
    sentence: 'reads its environment from',
    against: 'breaks',
    toStart: true,
  },
  CLAIMS: { family: 'storage', sentence: 'claims', against: 'breaks', toStart: true },
  PULLS_WITH: { family: 'supply', sentence: 'pulls images with', against: 'degrades', toStart: true },
  USES_IMAGE: { family: 'supply', sentence: 'uses image', against: 'breaks', toStart: true },
  USES_TOKEN_OF: { family: 'identity', sentence: 'uses a token of', against: 'breaks', toStart: true },
  TOKEN_OF: { family: 'identity', sentence: 'is a token of', against: 'breaks' },
  TRUSTS: { family: 'identity', sentence: 'trusts', against: 'breaks', toStart: true },
  USES_SECRET: { family: 'configuration', sentence: 'uses', against: 'breaks' },
  USES_CONFIG: { family: 'configuration', sentence: 'uses configuration of', against: 'breaks' },
  USES_HOST_PATH: { family: 'storage', sentence: 'uses the host path', against: 'breaks' },
  HAS_PRIORITY: { family: 'placement', sentence: 'has priority', against: 'degrades', toStart: true },
  USES_RUNTIME: { family: 'placement', sentence: 'uses the runtime', against: 'breaks', toStart: true },
  SCHEDULED_BY: { family: 'placement', sentence: 'is scheduled by', against: 'degrades', toStart: true },
  USES_DEVICE: { family: 'placement', sentence: 'uses the device claim', against: 'breaks', toStart: true },
  REQUESTS: { family: 'placement', sentence: 'requests a device of', against: 'breaks', toStart: true },
  ALLOCATED_FROM: { family: 'placement', sentence: 'is allocated from', against: 'breaks' },
  RESERVED_FOR: { family: 'placement', sentence: 'is reserved for' },
  USES_NETWORK: { family: 'networking', sentence: 'attaches to network', against: 'breaks', toStart: true },
  RESTARTS_WITH: {
    family: 'configuration',
    sentence: 'restarts when this changes:',
    against: 'degrades',
    toStart: true,
  },
  CALLS: { family: 'networking', sentence: 'calls', against: 'degrades' },
  GOVERNED_BY: { family: 'networking', sentence: 'gets its pod names from', against: 'degrades' },
  FITS_ON: { family: 'placement', sentence: 'fits on', computed: true },
  PREFERS: { family: 'placement', sentence: 'prefers', computed: true },
  TOLERATES: { family: 'placement', sentence: 'tolerates the taint of', computed: true },
  NEAR: { family: 'placement', sentence: 'wants to be near', computed: true },
  APART_FROM: { family: 'placement', sentence: 'wants to be apart from', computed: true },
  SPREADS_WITH: { family: 'placement', sentence: 'spreads evenly with', computed: true },
  QUEUES_IN: { family: 'placement', sentence: 'queues in', against: 'breaks', toStart: true },
  HOLDS_LEASE: { family: 'identity', sentence: 'holds the lease', along: 'degrades' },
  BELONGS_TO: { family: 'reference', sentence: 'belongs to', against: 'degrades' },

  // services and traffic
  SELECTS: { family: 'selection', sentence: 'selects', against: 'degrades', redundant: true },
  BACKS: { family: 'networking', sentence: 'holds the endpoints of', along: 'degrades' },
  ROUTES_TO: { family: 'networking', sentence: 'routes to', against: 'breaks', redundant: true },
  MIRRORS_TO: { family: 'networking', sentence: 'mirrors traffic to' },
  ALIAS_OF: { family: 'networking', sentence: 'is an alias of', against: 'breaks' },
  EXPOSED_BY: { family: 'networking', sentence: 'is exposed by', against: 'degrades' },
  ASSIGNED_TO: { family: 'networking', sentence: 'is assigned to' },
  HAS_RANGE: { family: 'networking', sentence: 'has the address range' },
  USES_CLASS: { family: 'networking', sentence: 'is of class', against: 'breaks' },
  SERVES_CERTIFICATE: { family: 'networking', sentence: 'serves the certificate of', against: 'breaks' },
  ATTACHES_TO: { family: 'networking', sentence: 'attaches to', against: 'breaks' },
  ADMITS: { family: 'networking', sentence: 'admits' },
  EXTENDED_BY: { family: 'networking', sentence: 'is extended by', against: 'degrades' },
  CONFIGURED_BY: { family: 'configuration', sentence: 'is configured by', against: 'breaks' },
  EXPORTS: { family: 'networking', sentence: 'exports' },

  // policy
  APPLIES_TO: { family: 'policy', sentence: 'applies to' },
  ALLOWS_FROM: { family: 'policy', sentence: 'allows traffic from' },
  ALLOWS_TO: { family: 'policy', sentence: 'allows traffic to' },
  DENIES_FROM: { family: 'policy', sentence: 'denies traffic from' },
  DENIES_TO: { family: 'policy', sentence: 'denies traffic to' },
  PROTECTS: { family: 'policy', sentence: 'protects' },
  LIMITS: { family: 'policy', sentence: 'limits' },
  GOVERNS: { family: 'policy', sentence: 'governs', computed: true },
  EXEMPTS: { family: 'policy', sentence: 'exempts', computed: true },
  REPORTS_ON: { family: 'observation', sentence: 'reports on' },
  DISRUPTS: { family: 'policy', sentence: 'counts as disrupted' },
  PRIORITIZES: { family: 'policy', sentence: 'gives priority to' },

  // access
  BINDS: { family: 'access', sentence: 'binds', against: 'breaks' },
  GRANTS_TO: { family: 'access', sentence: 'grants to', along: 'degrades' },
  PERMITS: { family: 'access', sentence: 'permits access to' },
  AGGREGATES: { family: 'access', sentence: 'aggregates', against: 'degrades' },
  ASSUMES: { family: 'identity', sentence: 'assumes the identity', against: 'degrades' },

  // storage
  BOUND_TO: { family: 'storage', sentence: 'is bound to', against: 'breaks' },
  PROVISIONED_BY: { family: 'storage', sentence: 'is provisioned by', against: 'degrades', toStart: true },
  USES_DRIVER: { family: 'storage', sentence: 'uses the driver', against: 'breaks', toStart: true },
  CLONED_FROM: { family: 'storage', sentence: 'is cloned from', against: 'degrades', toStart: true },
  POPULATES: { family: 'storage', sentence: 'populates volumes from' },
  STORED_IN: { family: 'storage', sentence: 'is stored in', against: 'breaks' },
  RESTORED_FROM: { family: 'storage', sentence: 'is restored from', against: 'degrades', toStart: true },
  SNAPSHOT_OF: { family: 'storage', sentence: 'is a snapshot of' },
  ATTACHES: { family: 'storage', sentence: 'attaches', against: 'degrades' },
  ATTACHED_TO: { family: 'storage', sentence: 'is attached to', against: 'breaks' },
  ACCESSIBLE_FROM: { family: 'storage', sentence: 'is accessible from', computed: true },
  CAPACITY_OF: { family: 'storage', sentence: 'is the capacity of' },

  // scaling
  SCALES: { family: 'scaling', sentence: 'scales', along: 'degrades' },
  MEASURES: { family: 'scaling', sentence: 'scales by a metric of', against: 'degrades' },

  // admission and API machinery
  SENT_TO: { family: 'admission', sentence: 'sends requests to', against: 'breaks' },
  // A webhook that fails holds up requests and does no harm to what is there: failure does not travel.
  INTERCEPTS: { family: 'admission', sentence: 'intercepts requests for' },
  CERTIFIES: { family: 'admission', sentence: 'takes its CA from', against: 'degrades' },
  SERVED_BY: { family: 'admission', sentence: 'is served by', against: 'breaks' },
  REQUESTED_BY: { family: 'identity', sentence: 'is requested by' },
  SIGNED_BY: { family: 'identity', sentence: 'is signed by', against: 'degrades', toStart: true },

  // delivery and ecosystems
  PRODUCES: { family: 'delivery', sentence: 'produces', along: 'degrades' },
  ISSUED_BY: { family: 'identity', sentence: 'is issued by', against: 'degrades' },
  SYNCS_FROM: { family: 'delivery', sentence: 'syncs from', against: 'degrades' },
  DEPENDS_ON: { family: 'delivery', sentence: 'depends on', against: 'degrades' },
  MANAGES: { family: 'delivery', sentence: 'manages', along: 'degrades' },
  DEPLOYS_TO: { family: 'delivery', sentence: 'deploys to', against: 'degrades' },
  USES_TEMPLATE: { family: 'delivery', sentence: 'is made from the template', against: 'degrades', toStart: true },
  DELIVERS_TO: { family: 'networking', sentence: 'delivers events to', against: 'degrades' },
  RECEIVES_FROM: { family: 'networking', sentence: 'receives events from', against: 'degrades' },
  SCRAPES: { family: 'observation', sentence: 'scrapes' },
  NOTIFIES: { family: 'observation', sentence: 'notifies' },
  ABOUT: { family: 'observation', sentence: 'is about' },
  RELATES_TO: { family: 'observation', sentence: 'relates to' },
  REPORTED_FROM: { family: 'observation', sentence: 'is reported from' },
  CHANGED: { family: 'observation', sentence: 'is a change of' },

  // what happened, and what that has to do with each other
  TRIGGERED: { family: 'observation', sentence: 'triggered' },
  CORRELATED_WITH: { family: 'observation', sentence: 'happened together with' },
  PRECEDED_BY: { family: 'observation', sentence: 'was preceded by' },
  AFFECTS: { family: 'observation', sentence: 'affects' },
  CAUSED_BY: { family: 'observation', sentence: 'is caused by' },
  REFERS_TO: { family: 'reference', sentence: 'refers to', against: 'degrades' },
} as const satisfies Record<string, EdgeInfo>;

/** A type of the table. */
export type KnownEdge = keyof typeof edges;

/** A type of the table, or one that a user's relations file defines. */
export type EdgeType = string;

const table: ReadonlyMap<string, EdgeInfo> = new Map(Object.entries(edges));
const userDefined: EdgeInfo = { family: 'reference', sentence: 'refers to', against: 'degrades' };

/** What is known of a type. Types of users' relations files read "refers to" and let failure travel against them. */
export function edgeInfo(type: EdgeType): EdgeInfo {
  return table.get(type) ?? userDefined;
}
