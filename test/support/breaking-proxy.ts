/** A way to a server that breaks where it is told to: before what was said arrives, or after it did and before the answer is heard. */
import { connect, createServer, type Socket } from 'node:net';

export interface BreakingProxy extends AsyncDisposable {
  readonly port: number;
  /** Decides of each piece on its way to the server; the connection ends there. */
  when: (piece: Buffer) => 'before' | 'after' | undefined;
}

/** Listens on loopback, on a free port. */
export async function startBreakingProxy(target: number): Promise<BreakingProxy> {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1');
    let isDeaf = false;
    const end = (): void => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', end);
      socket.on('close', () => {
        sockets.delete(socket);
        end();
      });
    }
    client.on('data', (piece: Buffer) => {
      if (isDeaf) return;
      const decision = proxy.when(piece);
      if (decision === 'before') return end();
      upstream.write(piece);
      if (decision === undefined) return;
      isDeaf = true;
      // When the answer comes, the server has done it.
      upstream.once('data', end);
    });
    upstream.on('data', (piece: Buffer) => {
      if (!isDeaf) client.write(piece);
    });
  });
  const proxy: BreakingProxy & { port: number } = {
    port: 0,
    when: () => undefined,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  proxy.port = (server.address() as { port: number }).port;
  return proxy;
}
