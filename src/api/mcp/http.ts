/**
 * The protocol over streamable HTTP, without sessions: a POST is a question and its answer, JSON to JSON, behind the same access rules as every other
 * route. There is nothing that this server would tell of its own accord, so no stream is offered: GET and DELETE answer 405.
 */
import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Route } from '../routes.ts';
import { type McpOptions, mcpServer } from './server.ts';

export const MCP_PATH = '/mcp';

export function mcpRoute(options: McpOptions): Route {
  return { method: 'POST', url: MCP_PATH, handler: (request, reply) => answer(request, reply, options) };
}

async function answer(request: FastifyRequest, reply: FastifyReply, options: McpOptions): Promise<FastifyReply> {
  const server = mcpServer(options);
  const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: true });
  try {
    await server.connect(transport);
    const response = await transport.handleRequest(asWebRequest(request), { parsedBody: request.body });
    const type = response.headers.get('content-type');
    if (type !== null) reply.type(type);
    return reply.code(response.status).send(await response.text());
  } finally {
    await server.close();
  }
}

function asWebRequest({ headers, url }: FastifyRequest): Request {
  const texts = Object.entries(headers).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, [value].flat().join(', ')]],
  );
  return new Request(new URL(url, 'http://localhost'), { method: 'POST', headers: texts });
}
