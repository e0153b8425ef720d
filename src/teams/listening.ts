import type { AddressInfo } from 'node:net';
import type { Server } from 'restify';

export interface Listening {
  /** Resolves once the server listens; rejects, naming PORT, when it cannot be had. */
  listening(port: number): Promise<void>;
  address(): AddressInfo;
  /** Takes no new connection, lets what is being answered end, then closes. */
  close(): Promise<void>;
}

const closeIdleEveryMs = 50;

/** A restify server's life, as promises. */
export function createListening(server: Server): Listening {
  const { server: http } = server;
  return {
    listening: (port) =>
      new Promise((resolve, reject) => {
        // restify passes its server's errors on, and one that nobody hears there ends the process.
        const refuse = (error: Error) =>
          reject(new Error(`PORT ${port} cannot be had: ${error.message}`, { cause: error }));
        server.once('error', refuse);
        server.listen(port, () => {
          server.off('error', refuse);
          resolve();
        });
      }),
    address: () => http.address() as AddressInfo,
    close: () =>
      new Promise((resolve) => {
        // A connection may only fall idle after this; its client would keep it open for seconds.
        const idling = setInterval(() => http.closeIdleConnections(), closeIdleEveryMs);
        http.close(() => {
          clearInterval(idling);
          resolve();
        });
      }),
  };
}
