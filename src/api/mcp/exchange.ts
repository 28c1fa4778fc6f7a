/** One exchange of streamable HTTP: a request in, its answer out, by a server and a transport of its own. */
import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type McpOptions, mcpServer } from './server.ts';

export async function exchange(
  request: FastifyRequest,
  reply: FastifyReply,
  options: McpOptions,
): Promise<FastifyReply> {
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
