/**
 * The protocol over streamable HTTP, without sessions: a POST is a question and its answer, JSON to JSON, behind the same access rules as every other
 * route. There is nothing that this server would tell of its own accord, so no stream is offered: GET and DELETE answer 405.
 */
import type { Route } from '../routes.ts';
import type { McpOptions } from './server.ts';

export const MCP_PATH = '/mcp';

/** What the OpenAPI document says of it, but for the answers. */
export const mcpDocument = {
  operationId: 'modelContextProtocol',
  tags: ['Service'],
  summary: 'Tools for models: the Model Context Protocol over streamable HTTP',
  description:
    'A JSON-RPC message of the protocol, and its answer; without sessions and streams. Clients are given this address. `Accept` must name ' +
    '`application/json` and `text/event-stream`.',
  requestBody: {
    required: true,
    content: {
      'application/json': { schema: { type: 'object' }, example: { jsonrpc: '2.0', id: 1, method: 'tools/list' } },
    },
  },
};

/** What speaks the protocol is loaded with the first request: most who start this program never ask for it. */
export function mcpRoute(options: McpOptions): Route {
  return {
    method: 'POST',
    url: MCP_PATH,
    handler: async (request, reply) => (await import('./exchange.ts')).exchange(request, reply, options),
  };
}
