import type { AddressInfo } from 'node:net';
import type { Server } from 'restify';

export interface Listening {
  /** Resolves once the server listens; rejects when the port cannot be had. */
  listening(port: number): Promise<void>;
  address(): AddressInfo;
  /** Takes no new connection, lets what is being answered end, then closes. */
  close(): Promise<void>;
}

/** A restify server's life, as promises. */
export function createListening(server: Server): Listening {
  const { server: http } = server;
  return {
    listening: (port) =>
      new Promise((resolve, reject) => {
        http.once('error', reject);
        server.listen(port, () => {
          http.off('error', reject);
          resolve();
        });
      }),
    address: () => http.address() as AddressInfo,
    close: () =>
      new Promise((resolve) => {
        http.close(() => resolve());
        http.closeIdleConnections();
      }),
  };
}
