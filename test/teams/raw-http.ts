import { connect, type Socket } from 'node:net';

export interface RawConnection {
  readonly socket: Socket;
  /** The bytes received so far. */
  readonly heard: () => string;
  /** Resolves when the other side has closed. */
  readonly closed: Promise<void>;
  say(text: string | Buffer): void;
}

/** A connection to a port of this machine over which any bytes may be said. */
export function openRaw(port: number): RawConnection {
  const socket = connect(port, '127.0.0.1');
  let heard = '';
  socket.setEncoding('latin1').on('data', (text: string) => {
    heard += text;
  });
  // A reset after the answer loses nothing that was heard; before it, `heard` stays empty and the test fails.
  socket.on('error', () => undefined);
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  return { socket, heard: () => heard, closed, say: (text) => void socket.write(text) };
}

/** Says it and resolves with all that came until the other side closed; fails when it has not within `withinMs`. */
export async function sayRaw(port: number, text: string | Buffer, withinMs = 5_000): Promise<string> {
  const connection = openRaw(port);
  connection.say(text);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const complain = () => reject(new Error(`Still open after ${withinMs} ms; heard: ${connection.heard()}`));
    timer = setTimeout(complain, withinMs);
  });
  try {
    await Promise.race([connection.closed, late]);
    return connection.heard();
  } finally {
    clearTimeout(timer);
    connection.socket.destroy();
  }
}
