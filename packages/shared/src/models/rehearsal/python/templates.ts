import type { Requirement } from '../../../planning/plan-document.ts';
import { hasThreshold } from '../javascript/rules.ts';

export interface PythonBehaviour {
  readonly code: string;
  readonly test: string;
  readonly defect: readonly [from: string, to: string];
}

/** @param doc the docstring, indented by four */
type PythonTemplate = (name: string, doc: string) => PythonBehaviour;

const store: PythonTemplate = (name, doc) => ({
  code: `class ${name}:
${doc}

    def __init__(self):
        self._records = {}

    def add(self, identifier, **values):
        if not identifier:
            raise ValueError("A record needs an id.")
        if identifier in self._records:
            raise KeyError(f"There is a record {identifier} already.")
        self._records[identifier] = {"id": identifier, **values}
        return dict(self._records[identifier])

    def find(self, identifier):
        return self._records.get(identifier)

    def list(self):
        return [dict(record) for record in self._records.values()]`,
  test: `def test_${name}():
    store = ${name}()
    store.add("a", title="First")
    store.add("b", title="Second")
    assert store.find("a")["title"] == "First"
    assert [record["id"] for record in store.list()] == ["a", "b"]
    with pytest.raises(KeyError):
        store.add("a")
    with pytest.raises(ValueError):
        store.add("")`,
  defect: ['if identifier in self._records:', 'if identifier in self._records.values():'],
});

const search: PythonTemplate = (name, doc) => ({
  code: `def ${name}(items, query):
${doc}
    words = query.lower().split()
    return [item for item in items if all(word in " ".join(map(str, item.values())).lower() for word in words)]`,
  test: `def test_${name}():
    items = [{"id": "1", "title": "Red apple"}, {"id": "2", "title": "Green apple"}]
    assert [item["id"] for item in ${name}(items, "APPLE")] == ["1", "2"]
    assert [item["id"] for item in ${name}(items, "apple green")] == ["2"]
    assert ${name}(items, "plum") == []`,
  defect: ['if all(word', 'if any(word'],
});

const count: PythonTemplate = (name, doc) => ({
  code: `def ${name}(events):
${doc}
    totals = {}
    for key in events:
        totals[key] = totals.get(key, 0) + 1
    return totals`,
  test: `def test_${name}():
    assert ${name}(["a", "b", "a"]) == {"a": 2, "b": 1}
    assert ${name}([]) == {}`,
  defect: ['totals.get(key, 0) + 1', '1'],
});

const measure: PythonTemplate = (name, doc) => ({
  code: `def ${name}(measured, target, at_least=False):
${doc}
    if measured is None:
        raise ValueError("Nothing was measured.")
    return measured >= target if at_least else measured <= target`,
  test: `def test_${name}():
    assert ${name}(200, 200)
    assert not ${name}(201, 200)
    assert ${name}(99.9, 99.9, at_least=True)
    assert not ${name}(99.8, 99.9, at_least=True)
    with pytest.raises(ValueError):
        ${name}(None, 1)`,
  defect: ['measured <= target', 'measured < target'],
});

const rule: PythonTemplate = (name, doc) => ({
  code: `def ${name}(steps, done):
${doc}
    unknown = [step for step in done if step not in steps]
    if unknown:
        raise ValueError(f"No part of this: {unknown}")
    return [step for step in steps if step not in done]`,
  test: `def test_${name}():
    assert ${name}(["asked", "answered"], ["asked"]) == ["answered"]
    assert ${name}(["asked"], ["asked"]) == []
    with pytest.raises(ValueError):
        ${name}(["asked"], ["other"])`,
  defect: ['if unknown:', 'if not unknown and done:'],
});

const choices: readonly (readonly [RegExp, PythonTemplate])[] = [
  [/\bsearch|\bfilter|\bfinds?\b|look(?:s|ed)? up|\bquer/i, search],
  [/\bcount|statistic|analytic|\bmetric|\busage\b|\btrack|\btotal/i, count],
  [
    /\bcreat|\badd|\bregist|\bsubmit|\bupload|\bsav(?:e|es|ing)\b|\bstor|\brecord|\bimport|\bpersist|\bkeep/i,
    store,
  ],
];

/** @param requirement null for the store of an entity */
export const pythonTemplateFor = (requirement: Requirement | null): PythonTemplate => {
  if (requirement === null) return store;
  if (requirement.kind === 'quality' && hasThreshold(requirement.text)) return measure;
  return choices.find(([pattern]) => pattern.test(requirement.text))?.[1] ?? rule;
};
