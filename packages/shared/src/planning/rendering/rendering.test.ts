import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Estimate } from '../plan-document.ts';
import type { TaskDefinition } from '../task-definition.ts';
import { shortDuration } from './drawable-plan.ts';
import { mermaidFlowchart, mermaidGantt } from './mermaid.ts';
import { svgGantt } from './svg-gantt.ts';
import { textGantt } from './text-gantt.ts';
import { widthOf } from './text-width.ts';

const task = (
  key: string,
  title: string,
  dependsOn: string[] = [],
  parentKey: string | null = null,
): TaskDefinition => ({
  key,
  parentKey,
  kind: key.startsWith('E') ? 'epic' : 'task',
  title,
  description: '',
  agentType: 'eng-backend',
  priority: 5,
  complexity: 3,
  estimatedTokens: 0,
  dependsOn,
  acceptanceCriteria: [],
  requirementIds: [],
});
const span = (key: string, startMs: number, endMs: number, slackMs = 0) => ({
  key,
  startMs,
  endMs,
  slackMs,
  critical: slackMs === 0,
});

const estimate: Estimate = {
  durationMs: { p50: 360_000, p90: 540_000 },
  costMicroUsd: { p50: 1, p90: 2 },
  tokens: { p50: 1, p90: 2 },
  criticalPath: ['T1', 'T3'],
  criticalPathMs: 300_000,
  width: 2,
  schedule: [span('T1', 0, 120_000), span('T2', 120_000, 180_000, 120_000), span('T3', 120_000, 300_000)],
  simulations: 100,
};
const plan = {
  tasks: [
    task('E1', 'Core'),
    task('T1', 'Schema', [], 'E1'),
    task('T2', 'Docs', ['T1']),
    task('T3', 'Server: "routes" <main>', ['T1'], 'E1'),
  ],
  estimate,
};
const named = (title: string) => ({ tasks: plan.tasks.map((one) => ({ ...one, title })), estimate });

describe('textGantt', () => {
  it('draws the schedule with the critical path marked', () => {
    expect(textGantt(plan, { width: 60, unicode: true }).split('\n')).toEqual([
      '● T1 Schema              ████████████                  2 min',
      '● T3 Server: "routes" <…             █████████████████ 3 min',
      '  T2 Docs                            ▒▒▒▒▒············  60 s',
      '',
      '● critical path T1 → T3 (5 min)',
      '  3 tasks, 2 at once; 6 min likely, 9 min in one of ten',
    ]);
  });

  it('draws the same in ASCII', () => {
    const drawn = textGantt(plan, { width: 60, unicode: false });
    expect(drawn).toMatch(/^[\x20-\x7e\n]*$/);
    expect(drawn).toContain('* T1 Schema              ############ ');
    expect(drawn).toContain('* critical path T1 -> T3');
  });

  it('is never wider than the screen, whatever the titles are', () => {
    const title = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(title, fc.integer({ min: 40, max: 140 }), fc.boolean(), (words, width, unicode) => {
        for (const line of textGantt(named(words), { width, unicode }).split('\n'))
          expect(widthOf(line)).toBeLessThanOrEqual(width);
      }),
    );
  });

  it('lets the caller emphasise the critical path', () => {
    const lines = textGantt(plan, { width: 60, unicode: true, emphasise: (line) => `<${line}>` }).split('\n');
    expect(lines.map((line) => line.startsWith('<'))).toEqual([true, true, false, false, false, false]);
  });

  it('takes a plan of ten thousand', () => {
    const keys = Array.from({ length: 10_000 }, (_, index) => `T${index + 1}`);
    const schedule = keys.map((key, index) => span(key, index * 1_000, (index + 1) * 1_000));
    const large = {
      tasks: keys.map((key) => task(key, key)),
      estimate: { ...estimate, criticalPath: keys, schedule },
    };
    expect(textGantt(large, { width: 80, unicode: true }).split('\n')).toHaveLength(10_003);
    expect(svgGantt(large)).toContain('T10000');
  });
});

describe('mermaid', () => {
  it('writes a Gantt chart, by group, without what it would read as its own', () => {
    expect(mermaidGantt(plan)).toBe(
      [
        'gantt',
        '  title Plan',
        '  dateFormat x',
        '  axisFormat %H:%M:%S',
        '  section E1 Core',
        '  T1 Schema :crit, task_T1, 0, 120000',
        '  T3 Server "routes" <main> :crit, task_T3, 120000, 300000',
        '  section Tasks',
        '  T2 Docs :task_T2, 120000, 180000',
        '',
      ].join('\n'),
    );
  });

  it('writes the dependencies, the critical path thick', () => {
    const drawn = mermaidFlowchart(plan);
    expect(drawn).toContain('  task_T3["T3 Server: #quot;routes#quot; #lt;main#gt;"]:::critical');
    expect(drawn).toContain('  task_T1 ==> task_T3\n');
    expect(drawn).toContain('  task_T1 --> task_T2\n');
  });

  it('keeps every title on its line', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (words) => {
        expect(mermaidGantt(named(words)).split('\n')).toHaveLength(10);
        expect(mermaidFlowchart(named(words)).split('\n')).toHaveLength(8);
      }),
    );
  });
});

describe('svgGantt', () => {
  it('writes titles as text, never as markup', () => {
    const drawn = svgGantt(named('<script>alert("&")</script>'));
    expect(drawn).not.toContain('<script>');
    expect(drawn).toContain('&lt;script&gt;alert(&quot;&amp;&quot;)&lt;/script&gt;');
  });

  it('is well-formed for any title: every tag closed, no character that XML has no place for', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (words) => {
        const drawn = svgGantt(named(words), words);
        const open: string[] = [];
        for (const [, closing, name, , empty] of drawn.matchAll(
          /<(\/?)([a-z]+)((?: [a-zA-Z-]+="[^"<]*")*)(\/?)>/g,
        )) {
          if (closing) expect(open.pop()).toBe(name);
          else if (!empty) open.push(name ?? '');
        }
        expect(open).toEqual([]);
        expect(drawn.match(/</g)?.length).toBe(drawn.match(/<\/?[a-z]+[^<>]*>/g)?.length);
        expect(drawn).toMatch(/^[\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u);
      }),
    );
  });

  it('marks the critical path', () => {
    expect(svgGantt(plan).match(/class="critical"/g)).toHaveLength(2);
  });
});

describe('shortDuration', () => {
  it('is as exact as an estimate deserves', () => {
    expect([420, 12_000, 660_000, 7_500_000].map(shortDuration)).toEqual([
      '420 ms',
      '12 s',
      '11 min',
      '2 h 05 min',
    ]);
  });
});
