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
<link rel="icon" href="/favicon.ico" type="image/svg+xml">
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

/** Three nodes and what joins them. */
const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><path d="M8 24 16 8l8 16z" fill="none" stroke="#326ce5" stroke-width="3"/><g fill="#326ce5"><circle cx="16" cy="8" r="6"/><circle cx="8" cy="24" r="6"/><circle cx="24" cy="24" r="6"/></g></svg>`;

const start = `SwaggerUIBundle({ url: '${ROOT}/openapi.json', dom_id: '#swagger-ui', deepLinking: true, validatorUrl: null, tryItOutEnabled: true, docExpansion: 'list', defaultModelsExpandDepth: -1 });
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
    ...[DOCS, `${DOCS}/`].map(
      (url): Route => ({
        method: 'GET',
        url,
        open: true,
        handler: (_, reply) =>
          reply.header('content-security-policy', policy).type('text/html; charset=utf-8').send(page),
      }),
    ),
    {
      method: 'GET',
      url: '/favicon.ico',
      open: true,
      handler: (_, reply) =>
        reply.header('cache-control', 'private, max-age=86400').type('image/svg+xml; charset=utf-8').send(icon),
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
