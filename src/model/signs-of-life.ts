/** What objects say again and again only because somebody is alive: no change, wherever versions are told apart or compared. */

/** Fields of conditions (nodes, old custom resources): when somebody looked, not what was seen. */
export const HEARTBEATS: ReadonlySet<string> = new Set(['lastHeartbeatTime', 'lastProbeTime']);
/** Leader election of old clients: a lease in an annotation. */
export const LEADER = 'control-plane.alpha.kubernetes.io/leader';
/** Of the spec of a Lease. */
export const RENEWAL = 'renewTime';
