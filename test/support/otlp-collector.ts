import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface CollectedSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for the first of a trace. */
  readonly parentId: string;
  readonly name: string;
  readonly ms: number;
  readonly isError: boolean;
  readonly attributes: Readonly<Record<string, string | number>>;
}

/** A collector on loopback that takes OTLP over http/protobuf and keeps the spans. */
export async function startCollector() {
  const spans: CollectedSpan[] = [];
  const texts: string[] = [];
  const requests: { readonly path: string; readonly headers: Readonly<Record<string, unknown>> }[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    requests.push({ path: request.url ?? '', headers: request.headers });
    texts.push(body.toString('utf8'));
    spans.push(...spansIn(body));
    response.writeHead(200, { 'content-type': 'application/x-protobuf' });
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    texts,
    requests,
    async stop(): Promise<void> {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Numbers of fields are those of opentelemetry/proto/trace/v1/trace.proto. */
function spansIn(body: Buffer): CollectedSpan[] {
  const ofResource = read(body).flatMap(({ bytes }) => read(bytes).filter(({ field }) => field === 2));
  const ofScope = ofResource.flatMap(({ bytes }) => read(bytes).filter(({ field }) => field === 2));
  return ofScope.map(({ bytes }) => {
    const fields = read(bytes);
    const bytesOf = (field: number) => fields.find((each) => each.field === field)?.bytes ?? Buffer.alloc(0);
    const nanoseconds = (field: number) => fields.find((each) => each.field === field)?.number ?? 0n;
    return {
      traceId: bytesOf(1).toString('hex'),
      spanId: bytesOf(2).toString('hex'),
      parentId: bytesOf(4).toString('hex'),
      name: bytesOf(5).toString('utf8'),
      ms: Number(nanoseconds(8) - nanoseconds(7)) / 1e6,
      isError: read(bytesOf(15)).some(({ field, number }) => field === 3 && number === 2n),
      attributes: Object.fromEntries(
        fields
          .filter(({ field }) => field === 9)
          .map((each): [string, string | number] => {
            const [key, value] = read(each.bytes);
            const [any] = read(value?.bytes ?? Buffer.alloc(0));
            return [
              key?.bytes.toString('utf8') ?? '',
              any?.field === 1 ? any.bytes.toString('utf8') : Number(any?.number),
            ];
          }),
      ),
    };
  });
}

interface Field {
  readonly field: number;
  readonly number: bigint;
  readonly bytes: Buffer;
}

/** The fields of a protobuf message. https://protobuf.dev/programming-guides/encoding */
function read(message: Buffer): Field[] {
  const fields: Field[] = [];
  let at = 0;
  const varint = () => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = message[at] ?? 0;
      at += 1;
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  const take = (length: number) => {
    at += length;
    return message.subarray(at - length, at);
  };
  while (at < message.length) {
    const tag = Number(varint());
    const field = tag >> 3;
    const none = { field, number: 0n, bytes: Buffer.alloc(0) };
    if ((tag & 7) === 0) fields.push({ ...none, number: varint() });
    else if ((tag & 7) === 1) fields.push({ ...none, number: take(8).readBigUInt64LE() });
    else if ((tag & 7) === 2) fields.push({ ...none, bytes: take(Number(varint())) });
    else fields.push({ ...none, number: BigInt(take(4).readUInt32LE()) });
  }
  return fields;
}
