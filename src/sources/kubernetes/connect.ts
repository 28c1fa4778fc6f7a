/** From what a user configures to a client of one cluster. Throws Problem `invalid-config` for what cannot work; contacts nobody. */
import { createClient, type KubeClient } from './client.ts';
import type { Clock } from './clock.ts';
import { createCredentials } from './credentials.ts';
import { type Connection, connectionOf, type KubeconfigOptions, loadKubeconfig } from './kubeconfig.ts';

export interface ConnectOptions extends KubeconfigOptions {
  /** Context of the kubeconfig; the current one unless given. */
  readonly context?: string | undefined;
  /** What the cluster is called in everything that is observed; the name of the context unless given. */
  readonly cluster?: string | undefined;
  readonly clock: Clock;
  readonly userAgent?: string | undefined;
}

/** A cluster within reach. */
export interface Cluster {
  readonly name: string;
  readonly connection: Connection;
  readonly client: KubeClient;
}

export function connect(options: ConnectOptions): Cluster {
  const read = (context: string | undefined): Connection => connectionOf(loadKubeconfig(options), context);
  const connection = read(options.context);
  const credentials = createCredentials({
    connection,
    reread: () => read(connection.context),
    now: () => options.clock.now(),
  });
  const { environment, userAgent } = options;
  return {
    name: options.cluster ?? connection.context,
    connection,
    client: createClient({
      cluster: connection.cluster,
      credentials,
      environment,
      ...(userAgent !== undefined && { userAgent }),
    }),
  };
}
