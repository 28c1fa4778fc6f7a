/** Every sink keeps its contract. */
import { Problem } from '../../src/model/problem.ts';
import type { QueryReply } from '../../src/sinks/embedded/protocol.ts';
import { embeddedSink } from '../../src/sinks/embedded/sink.ts';
import { openStore } from '../../src/sinks/embedded/store.ts';
import { memorySink } from './memory-sink.ts';
import { edgeLine, resourceLine, sinkContract } from './sink.ts';

sinkContract('two maps', async () => {
  const sink = memorySink();
  return {
    sink,
    contents: async () => [
      ...[...sink.resources.values()].map((resource) => resourceLine({ ...resource, health: resource.health.status })),
      ...[...sink.edges.values()].map((edge) => edgeLine({ ...edge, field: edge.detail.field })),
    ],
  };
});

sinkContract('the embedded Cypher store', async () => {
  const store = openStore();
  const ask = async (text: string): Promise<string[][]> => {
    const request = { type: 'query', text, params: {}, limitRows: 1_000_000, writes: false } as const;
    return JSON.parse(((await store.request(request)) as QueryReply).rows);
  };
  return {
    sink: embeddedSink(store),
    async contents() {
      const nodes = await ask('MATCH (n) RETURN n.id, n.kind, n.namespace, n.name, n.health');
      const edges = await ask('MATCH (a)-[r]->(b) RETURN type(r), a.id, b.id, r.field');
      return [
        ...nodes.map(([id = '', kind = '', namespace = '', name = '', health = '']) =>
          resourceLine({ id, kind, namespace, name, health }),
        ),
        ...edges.map(([type = '', from = '', to = '', field = '']) => edgeLine({ type, from, to, field })),
      ];
    },
    end: async () => store.end(new Problem('store-unreachable', 'closed')),
  };
});
