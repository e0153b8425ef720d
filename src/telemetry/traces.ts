import { AsyncLocalStorage } from 'node:async_hooks';
import type { Attributes, Span } from '@opentelemetry/api';
import { within } from '../lib/async.ts';
import { version } from '../lib/package-files.ts';
import type { Metrics } from './metrics.ts';

export interface Traces {
  /** The same metrics; what they are told becomes spans too. */
  trace(metrics: Metrics): Metrics;
  /** Sends what is left. Never rejects, and gives up a collector that does not answer. */
  stop(): Promise<void>;
}

/** A process has 10 s to stop. */
const stopWithinMs = 1_000;

/**
 * Traces for OpenTelemetry, over OTLP (http/protobuf), of what people ask: one for each turn, with its requests to Entra, Graph and
 * Teams and the sync that it began. Attributes are those of the metrics, so that no span holds an id or a name. Without an endpoint
 * nothing is loaded and nothing recorded.
 *
 * No `traceparent` goes to Microsoft: Graph goes by `client-request-id`, which every request has, and the ids of a trace would tell others
 * which requests belong together. None is taken from outside either. The provider is not registered: else the SDK that hosts the bot would
 * add spans of its own, with names and ids in them.
 */
export async function createTraces(endpoint: string | undefined): Promise<Traces> {
  if (endpoint === undefined) return { trace: (metrics) => metrics, stop: async () => undefined };
  const [api, sdk, resources, exporters] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/sdk-trace'),
    import('@opentelemetry/resources'),
    import('@opentelemetry/exporter-trace-otlp-proto'),
  ]);
  const exporter = new exporters.OTLPTraceExporter({ url: `${endpoint}/v1/traces` });
  const provider = new sdk.TracerProvider({
    resource: resources.resourceFromAttributes({ 'service.name': 'vpp-sync', 'service.version': version }),
    spanProcessors: [new sdk.BatchSpanProcessor({ exporter })],
  });
  const tracer = provider.getTracer('vpp-sync', version);
  const { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } = api;
  /** The turn of whatever is running. */
  const turns = new AsyncLocalStorage<Span>();

  /** A request, or a sync, that has just ended. Outside a turn, as in a pass over a tenant, nothing is recorded. */
  function record(name: string, ms: number, attributes: Attributes, isGood: boolean): void {
    const turn = turns.getStore();
    if (!turn) return;
    const endTime = Date.now();
    const options = { kind: SpanKind.CLIENT, startTime: endTime - ms, attributes };
    const span = tracer.startSpan(name, options, trace.setSpan(ROOT_CONTEXT, turn));
    if (!isGood) span.setStatus({ code: SpanStatusCode.ERROR });
    span.end(endTime);
  }

  return {
    trace: (metrics) => ({
      ...metrics,
      startTurn(kind) {
        const measured = metrics.startTurn(kind);
        const span = tracer.startSpan('turn', { kind: SpanKind.SERVER, attributes: { kind } }, ROOT_CONTEXT);
        return {
          run: (work) => turns.run(span, () => measured.run(work)),
          end() {
            measured.end();
            span.end();
          },
        };
      },
      observeGraph(observation) {
        metrics.observeGraph(observation);
        const { method, path, status, ms } = observation;
        const answer = status === undefined ? {} : { 'http.response.status_code': status };
        const attributes = { 'http.request.method': method, 'url.template': path, ...answer };
        record(`graph ${method}`, ms, attributes, status !== undefined && status < 400);
      },
      observeEntra(observation) {
        metrics.observeEntra(observation);
        const { flow, outcome, ms } = observation;
        record('entra token', ms, { flow, outcome }, outcome === 'ok');
      },
      observeTeams(observation) {
        metrics.observeTeams(observation);
        const { operation, outcome, ms } = observation;
        record(`teams ${operation}`, ms, { outcome }, outcome === 'ok');
      },
      observeSync(observation) {
        metrics.observeSync(observation);
        const { outcome, ms } = observation;
        record('sync', ms, { outcome }, outcome === 'completed');
      },
    }),
    async stop() {
      await within(
        stopWithinMs,
        provider.shutdown().catch(() => undefined),
      );
    },
  };
}
