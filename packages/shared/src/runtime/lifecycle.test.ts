import { EventEmitter } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { healthRegistry } from './health.ts';
import { onShutdownSignals, runComponents, type SignalSource } from './lifecycle.ts';
import { silentLogger } from './logging.ts';
import { prometheusMetrics } from './prometheus.ts';
import type { Component } from './service.ts';
import { virtualClock } from './testing/index.ts';

const setUp = () => {
  const log: string[] = [];
  const clock = virtualClock({ automatic: true, start: 0 });
  const component = (name: string, more: Partial<Component> = {}): Component => ({
    name,
    start: async () => void log.push(`start ${name}`),
    stop: async (graceMs) => void log.push(`stop ${name} within ${graceMs}`),
    ...more,
  });
  return { log, clock, component, options: { clock, logger: silentLogger } };
};

describe('components', () => {
  it('start in order and stop in reverse, and share the grace', async () => {
    const { log, clock, component, options } = setUp();
    const slow = component('c', { stop: () => clock.sleep(300) });
    const running = await runComponents([component('a'), component('b'), slow], options);
    expect(await running.stop(1_000)).toEqual({ unclean: [] });
    expect(log).toEqual(['start a', 'start b', 'start c', 'stop b within 700', 'stop a within 700']);
  });

  it('stop once, however often they are told to', async () => {
    const { log, component, options } = setUp();
    const running = await runComponents([component('a')], options);
    await Promise.all([running.stop(10), running.stop(20)]);
    expect(log).toEqual(['start a', 'stop a within 50']);
  });

  it('that started are stopped again when the next one does not start', async () => {
    const { log, component, options } = setUp();
    const broken = component('broken', { start: () => Promise.reject(new Error('port taken')) });
    await expect(runComponents([component('a'), broken, component('never')], options)).rejects.toThrow(
      'port taken',
    );
    expect(log).toEqual(['start a', 'stop a within 5000']);
  });

  it('that hang or fail at their stop keep nobody else from it, and are named', async () => {
    const { log, component, options } = setUp();
    const hangs = component('hangs', { stop: () => new Promise(() => {}) });
    const fails = component('fails', {
      stop: () => {
        throw new Error('disk full');
      },
    });
    const running = await runComponents([component('a'), fails, hangs], options);
    expect(await running.stop(1_000)).toEqual({ unclean: ['hangs', 'fails'] });
    // The grace is used up; what is left is still told to stop.
    expect(log.at(-1)).toBe('stop a within 50');
  });
});

describe('shutdown signals', () => {
  it('ask for a graceful end first and for an immediate one then, in any combination', () => {
    const source = new EventEmitter() as SignalSource & EventEmitter;
    const log: string[] = [];
    const off = onShutdownSignals(source, {
      graceful: (signal) => log.push(`graceful ${signal}`),
      immediate: (signal) => log.push(`immediate ${signal}`),
    });
    source.emit('SIGINT', 'SIGINT');
    source.emit('SIGTERM', 'SIGTERM');
    source.emit('SIGINT', 'SIGINT');
    expect(log).toEqual(['graceful SIGINT', 'immediate SIGTERM', 'immediate SIGINT']);
    off();
    expect(source.listenerCount('SIGINT') + source.listenerCount('SIGTERM')).toBe(0);
  });
});

describe('health', () => {
  it('is well when all checks are, and else says what is wrong', async () => {
    const clock = virtualClock({ automatic: true });
    const registry = healthRegistry(clock);
    registry.add({ name: 'store', check: async () => null });
    expect(await registry.report()).toEqual({ healthy: true, checks: [{ name: 'store', problem: null }] });
    registry.add(
      { name: 'queue', check: async () => 'is closed' },
      { name: 'throws', check: () => Promise.reject(new Error('no connection')) },
      { name: 'hangs', check: () => new Promise(() => {}) },
    );
    expect(await registry.report()).toEqual({
      healthy: false,
      checks: [
        { name: 'store', problem: null },
        { name: 'queue', problem: 'is closed' },
        { name: 'throws', problem: 'no connection' },
        { name: 'hangs', problem: 'did not answer within 2000 ms' },
      ],
    });
    expect(clock.sleeping()).toBe(0);
  });
});

describe('metrics', () => {
  it('are written in the Prometheus format', async () => {
    const metrics = prometheusMetrics();
    metrics.counter({ name: 'jobs_total', help: 'Jobs.', labels: ['queue'] }).add({ queue: 'plan' });
    // Declared again, it is the same one.
    metrics.counter({ name: 'jobs_total', help: 'Jobs.', labels: ['queue'] }).add({ queue: 'plan' }, 2);
    metrics.gauge({ name: 'agents', help: 'Agents.' }).set(7);
    metrics.histogram({ name: 'seconds', help: 'Seconds.', buckets: [1, 5] }).record(3);
    const page = await metrics.text();
    expect(page).toContain('jobs_total{queue="plan"} 3');
    expect(page).toContain('agents 7');
    expect(page).toContain('seconds_bucket{le="5"} 1');
    expect(metrics.contentType).toContain('text/plain');
  });

  it('read observed values when they are asked for, and leave out what cannot be read', async () => {
    const metrics = prometheusMetrics();
    const lag = metrics.gauge({ name: 'lag', help: 'Lag.', labels: ['processor'] });
    const stop = lag.observe({ processor: 'one' }, () => 5);
    lag.observe({ processor: 'broken' }, () => Promise.reject(new Error('closed')));
    expect(await metrics.text()).toContain('lag{processor="one"} 5');
    expect(await metrics.text()).not.toContain('broken');
    stop();
    expect(await metrics.text()).not.toContain('one');
  });

  it('do not mix between two registries of one process', async () => {
    prometheusMetrics().counter({ name: 'things_total', help: 'Things.' }).add();
    expect(await prometheusMetrics().text()).not.toContain('things_total');
  });
});
