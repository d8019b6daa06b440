// An independent OpenID provider, which can be made to lie.
import type { MutableToken, OAuth2Server } from 'oauth2-mock-server' with { 'resolution-mode': 'import' };

export type Claims = Record<string, unknown>;

/** A provider, and what it says of whoever signs in. */
export class Provider {
  private says: Claims = {};

  private constructor(private server: OAuth2Server) {
    server.service.on('beforeTokenSigning', (token: MutableToken) => {
      Object.assign(token.payload, this.says);
    });
  }

  static async start(): Promise<Provider> {
    const { OAuth2Server } = await import('oauth2-mock-server');
    const server = new OAuth2Server();
    await server.issuer.keys.generate('RS256');
    await server.start(0, '127.0.0.1');
    return new Provider(server);
  }

  get issuer(): string {
    return this.server.issuer.url ?? '';
  }

  /** From now on it vouches for this person. */
  vouchesFor(sub: string, email: string, more: Claims = {}) {
    this.says = { sub, email, email_verified: true, name: 'Somebody Halden', ...more };
  }

  stop(): Promise<void> {
    return this.server.stop();
  }
}
