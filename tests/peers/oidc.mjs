// oidc-provider 9.13: tokens of two seconds, refresh tokens that rotate. Argument: the port.
import { Provider } from "oidc-provider";

const port = Number(process.argv[2]);
const client = (id, rest) => ({
  client_id: id,
  client_secret: `${id}-secret`,
  token_endpoint_auth_method: "client_secret_post",
  redirect_uris: [],
  response_types: [],
  grant_types: ["client_credentials"],
  ...rest,
});
const web = {
  grant_types: ["authorization_code", "refresh_token"],
  response_types: ["code"],
  redirect_uris: ["http://127.0.0.1:9/cb"],
};
new Provider(`http://127.0.0.1:${port}`, {
  clients: [client("post"), client("web", web)],
  scopes: ["openid", "offline_access"],
  rotateRefreshToken: true,
  pkce: { required: () => false },
  features: {
    clientCredentials: { enabled: true },
    introspection: { enabled: true },
    devInteractions: { enabled: true },
  },
  ttl: { ClientCredentials: 2, AccessToken: 2, RefreshToken: 3600 },
  cookies: { keys: ["test"] },
  issueRefreshToken: async (ctx, asking) => asking.grantTypeAllowed("refresh_token"),
  findAccount: async (ctx, id) => ({ accountId: id, claims: async () => ({ sub: id }) }),
}).listen(port, "127.0.0.1");
