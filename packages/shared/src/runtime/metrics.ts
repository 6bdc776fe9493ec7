/** Values for the labels a metric was declared with. */
export type Labels = Readonly<Record<string, string>>;

export interface MetricDeclaration {
  /** `partitura_<what>_<unit>`, a counter with `_total`: the Prometheus way. */
  readonly name: string;
  readonly help: string;
  /** Few values each: a run or a task is not a label. */
  readonly labels?: readonly string[];
}

export interface Counter {
  /** Default 1. */
  add(labels?: Labels, value?: number): void;
}

export interface Gauge {
  set(value: number, labels?: Labels): void;
  /** Asks for the value whenever the metrics are read, until the function it returns is called. */
  observe(labels: Labels, read: () => number | Promise<number>): () => void;
}

export interface Histogram {
  record(value: number, labels?: Labels): void;
}

/** Numbers about the program. Declaring a metric again gives the same one. */
export interface Metrics {
  counter(declaration: MetricDeclaration): Counter;
  gauge(declaration: MetricDeclaration): Gauge;
  /** `buckets`: upper bounds, ascending. */
  histogram(declaration: MetricDeclaration & { readonly buckets?: readonly number[] }): Histogram;
}

/** For those who were given no metrics. */
export const noMetrics: Metrics = {
  counter: () => ({ add: () => {} }),
  gauge: () => ({ set: () => {}, observe: () => () => {} }),
  histogram: () => ({ record: () => {} }),
};
