/** A page to read and try the API, served from this process alone: Swagger UI's files as they come with @fastify/swagger-ui. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { ROOT } from './rest.ts';
import type { Route } from './routes.ts';

const DOCS = '/api/docs';

const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Kube-KG API</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${DOCS}/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<script src="${DOCS}/swagger-ui-bundle.js"></script>
<script src="${DOCS}/start.js"></script>
</body>
</html>
`;

const start = `SwaggerUIBundle({ url: '${ROOT}/openapi.json', dom_id: '#swagger-ui', deepLinking: true, validatorUrl: null, tryItOutEnabled: true });
`;

/** Nothing from anywhere else; the page's styles are written by its script. */
const policy =
  "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'";

const assets = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
} as const;

export function docsRoutes(): Route[] {
  const require = createRequire(import.meta.url);
  return [
    {
      method: 'GET',
      url: DOCS,
      open: true,
      handler: (_, reply) =>
        reply.header('content-security-policy', policy).type('text/html; charset=utf-8').send(page),
    },
    {
      method: 'GET',
      url: `${DOCS}/start.js`,
      open: true,
      handler: (_, reply) => reply.type('text/javascript; charset=utf-8').send(start),
    },
    ...Object.entries(assets).map(([name, type]): Route => {
      const file = require.resolve(`@fastify/swagger-ui/static/${name}`);
      return {
        method: 'GET',
        url: `${DOCS}/${name}`,
        open: true,
        handler: async (_, reply) =>
          reply
            .header('cache-control', 'private, max-age=3600')
            .type(type)
            .send(await readFile(file)),
      };
    }),
  ];
}
