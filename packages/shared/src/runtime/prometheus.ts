import * as prometheus from 'prom-client';
import type { Counter, Gauge, Histogram, Labels, MetricDeclaration, Metrics } from './metrics.ts';

export interface PrometheusMetrics extends Metrics {
  /** Of what `text` answers. */
  readonly contentType: string;
  /** Everything declared, in the Prometheus text format. */
  text(): Promise<string>;
}

/** Metrics in a registry of their own, not in the process-wide one: two hosts in one process do not mix. */
export const prometheusMetrics = (): PrometheusMetrics => {
  const registry = new prometheus.Registry();
  const declared = new Map<string, unknown>();

  const once = <Metric>(name: string, make: () => Metric): Metric => {
    // A name is declared by one kind of metric only: prom-client refuses the second.
    const known = declared.get(name) as Metric | undefined;
    if (known) return known;
    const made = make();
    declared.set(name, made);
    return made;
  };

  const described = ({ name, help, labels = [] }: MetricDeclaration) => ({
    name,
    help,
    labelNames: [...labels],
    registers: [registry],
  });

  const counter = (declaration: MetricDeclaration): Counter => {
    const metric = new prometheus.Counter(described(declaration));
    return { add: (labels = {}, value = 1) => metric.inc(labels, value) };
  };

  const gauge = (declaration: MetricDeclaration): Gauge => {
    const observed = new Map<symbol, { labels: Labels; read: () => number | Promise<number> }>();
    const metric = new prometheus.Gauge({
      ...described(declaration),
      collect: async () => {
        for (const { labels, read } of observed.values()) await readInto(metric, labels, read);
      },
    });
    return {
      set: (value, labels = {}) => metric.set(labels, value),
      observe: (labels, read) => {
        const key = Symbol(declaration.name);
        observed.set(key, { labels, read });
        return () => {
          observed.delete(key);
          metric.remove(labels);
        };
      },
    };
  };

  const histogram = (
    declaration: MetricDeclaration & { readonly buckets?: readonly number[] },
  ): Histogram => {
    const { buckets } = declaration;
    const metric = new prometheus.Histogram({
      ...described(declaration),
      ...(buckets === undefined ? {} : { buckets: [...buckets] }),
    });
    return { record: (value, labels = {}) => metric.observe(labels, value) };
  };

  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    counter: (declaration) => once(`counter ${declaration.name}`, () => counter(declaration)),
    gauge: (declaration) => once(`gauge ${declaration.name}`, () => gauge(declaration)),
    histogram: (declaration) => once(`histogram ${declaration.name}`, () => histogram(declaration)),
  };
};

/** A value that cannot be had now is left out: one broken reading must not take the whole page with it. */
const readInto = async (
  metric: prometheus.Gauge,
  labels: Labels,
  read: () => number | Promise<number>,
): Promise<void> => {
  try {
    metric.set(labels, await read());
  } catch {
    metric.remove(labels);
  }
};
