import { describe, expect, it } from '@jest/globals';
import { PartituraError } from '../runtime/errors.ts';
import { roles } from './agent-type.ts';
import { agentType, agentTypes, agentTypesOfRole, isAgentType } from './catalogue.ts';

describe('the agent types', () => {
  it('are thirty-seven, each once', () => {
    expect(agentTypes).toHaveLength(37);
    expect(new Set(agentTypes.map((type) => type.id)).size).toBe(37);
  });

  it('are grouped as planned', () => {
    const sizes: Record<string, number> = {};
    for (const { group } of agentTypes) sizes[group] = (sizes[group] ?? 0) + 1;
    expect(sizes).toEqual({
      engineering: 8,
      operations: 8,
      business: 8,
      data: 3,
      product: 3,
      growth: 4,
      review: 3,
    });
  });

  it('have no two the same prompt or purpose', () => {
    expect(new Set(agentTypes.map((type) => type.systemPrompt)).size).toBe(37);
    expect(new Set(agentTypes.map((type) => type.purpose)).size).toBe(37);
  });

  it('give reviewers nothing to change what they judge with', () => {
    for (const type of agentTypes.filter(({ group }) => group === 'review')) {
      expect(type.tools).not.toContain('write_file');
      expect(type.tools).not.toContain('edit_file');
      expect(type.tools).not.toContain('run_command');
    }
  });

  it('cover the seven roles of a software company', () => {
    for (const role of roles) {
      for (const id of agentTypesOfRole[role]) expect(isAgentType(id)).toBe(true);
    }
  });

  it('refuse an unknown id and name those there are', () => {
    expect(() => agentType('eng-wizard')).toThrow(PartituraError);
    try {
      agentType('eng-wizard');
    } catch (error) {
      expect(error).toMatchObject({
        code: 'UNKNOWN_AGENT_TYPE',
        advice: expect.stringContaining('eng-backend'),
      });
    }
  });
});
