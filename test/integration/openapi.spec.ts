import { aBridge, type RunningBridge, upstream } from '../support/a-bridge.js';

describe('The OpenAPI document', () => {
  let bridge: RunningBridge;
  let document: any;

  beforeAll(async () => {
    bridge = await aBridge({ upstreams: { echo: upstream('echo') }, monitoring: { prometheus_enabled: true, prometheus_port: 0 } });
    document = (await bridge.get('/docs/openapi.json')).body;
  });
  afterAll(() => bridge.close());

  /** Swagger's own page and what it is made of are for people. */
  const documented = () =>
    Object.entries<object>(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );

  it('names every route that is served, and no other', () => {
    const { stack } = bridge.app.getHttpAdapter().getInstance().router as unknown as {
      stack: { route?: { path: string; methods: object } }[];
    };
    const served = stack.flatMap(({ route }) =>
      route ? Object.keys(route.methods).map((method) => `${method.toUpperCase()} ${route.path.replaceAll(/:(\w+)/g, '{$1}')}`) : [],
    );
    expect(documented().sort()).toEqual([...new Set(served)].filter((route) => !route.includes(' /docs')).sort());
  });

  it('describes bodies that are accepted: the example of each route is answered', async () => {
    const examples = Object.entries<any>(document.paths).filter(
      ([path, { post }]) => post?.requestBody?.content['application/json'].schema.example && !path.includes('{'),
    );
    expect(examples.length).toBeGreaterThan(4);
    for (const [path, { post }] of examples) {
      const { status, body } = await bridge.post(path, post.requestBody.content['application/json'].schema.example);
      expect([path, status < 500, body.error?.code === -32700]).toEqual([path, true, false]);
    }
  });

  it('asks for the parameters that a path has, and for no other', () => {
    const asked = Object.entries<any>(document.paths).flatMap(([path, methods]) =>
      Object.values<any>(methods).map(({ parameters }) => [
        path,
        parameters.filter((one: any) => one.in === 'path').map(({ name }: any) => `{${name}}`),
      ]),
    );
    expect(asked).toEqual(asked.map(([path]) => [path, [...path.matchAll(/\{\w+\}/g)].map(([name]) => name)]));
  });

  it('takes both forms of a body as they are, though an envelope of a list is also a mapping without rules', () => {
    const bodies = Object.values<any>(document.paths).flatMap(({ post }) => post?.requestBody?.content['application/json'].schema ?? []);
    expect(bodies.length).toBeGreaterThan(4);
    expect(bodies.map((body) => body.anyOf?.length)).toEqual(bodies.map(() => 2));
  });

  it('names every operation once', () => {
    const names = Object.values<any>(document.paths).flatMap((methods) => Object.values<any>(methods).map((one) => one.operationId));
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((name) => !/^\w+$/.test(name))).toEqual([]);
  });

  it('resolves every reference in itself', () => {
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name!);
    expect(references.length).toBeGreaterThan(0);
    expect(references.filter((name) => !(name in document.components.schemas))).toEqual([]);
  });

  it('has a page whose assets all come from here', async () => {
    const { status, body } = await bridge.get('/docs');
    expect(status).toBe(200);
    const outside = [...String(body).matchAll(/(?:src|href)="(https?:)?\/\/[^"]+"/g)];
    expect(outside).toEqual([]);
    expect((await bridge.get('/docs/swagger-ui-bundle.js')).status).toBe(200);
  });
});
