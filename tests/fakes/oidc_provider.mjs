// npm's oidc-provider as a school's sign-in service: whoever types a name is that person. Arguments: port, redirect URI.
import Provider from 'oidc-provider';

const [port, redirect] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;
const people = {
  'Ada-42': { name: '에이다', groups: ['academy-1', 'formgrade-machine-learning'] },
  'op-7': { name: 'Jiho', groups: ['operators'] },
  stranger: { name: 'Stranger', groups: [] },
};
const provider = new Provider(issuer, {
  clients: [{ client_id: 'academy', client_secret: 'a-secret-of-the-tests', redirect_uris: [redirect], token_endpoint_auth_method: 'client_secret_post' }],
  claims: { openid: ['sub'], profile: ['name'], groups: ['groups'] },
  pkce: { required: () => true },
  features: { devInteractions: { enabled: true } },
  findAccount: (_ctx, sub) => ({ accountId: sub, claims: () => ({ sub, ...people[sub] }) }),
});
// `POST /people/<sub>` with a JSON body changes what is said of a person: the class he is in, say.
provider.use(async (ctx, next) => {
  const found = ctx.path.match(/^\/people\/(.+)$/);
  if (!found || ctx.method !== 'POST') return next();
  let body = '';
  for await (const part of ctx.req) body += part;
  people[found[1]] = JSON.parse(body);
  ctx.body = 'ok';
});
const server = provider.listen(Number(port), '127.0.0.1', () => console.log('listening'));
process.on('SIGTERM', () => { server.close(); process.exit(0); });
