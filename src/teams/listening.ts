import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Server } from 'restify';

export interface Listening {
  /** Resolves once the server listens; rejects, naming PORT, when it cannot be had. */
  listening(port: number): Promise<void>;
  address(): AddressInfo;
  /**
   * Takes no new connection, lets what is being answered end, then closes. A connection that asks nothing is not waited for,
   * and a request that has not come whole gets a second: it is sent again to whoever comes next.
   */
  close(): Promise<void>;
}

const lookEveryMs = 50;
const restOfRequestMs = 1_000;

/** A restify server's life, as promises. */
export function createListening(server: Server): Listening {
  const { server: http } = server;
  const connections = watchConnections(http);
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
        // From here on Node itself no longer sends slow clients away, and one that never asked anything is not idle to it.
        let lookedMs = 0;
        const looking = setInterval(() => {
          lookedMs += lookEveryMs;
          connections.end((request) => request === undefined || (!request.complete && lookedMs > restOfRequestMs));
        }, lookEveryMs);
        http.close(() => {
          clearInterval(looking);
          resolve();
        });
        http.closeIdleConnections();
      }),
  };
}

/** Knows of each connection which request of it is being answered. */
function watchConnections(http: Server['server']) {
  const answering = new Map<Socket, IncomingMessage | undefined>();
  http.on('connection', (socket: Socket) => {
    answering.set(socket, undefined);
    socket.once('close', () => answering.delete(socket));
  });
  http.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const { socket } = request;
    answering.set(socket, request);
    response.once('close', () => answering.get(socket) === request && answering.set(socket, undefined));
  });
  return {
    /** Ends the connections of which this holds, once what was written to them is on its way. */
    end(isToEnd: (request: IncomingMessage | undefined) => boolean): void {
      for (const [socket, request] of answering) if (isToEnd(request)) socket.destroySoon();
    },
  };
}
