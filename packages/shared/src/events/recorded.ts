import type { DomainEvent, RecordedEvent } from './envelope.ts';
import { type Category, categories } from './identifiers.ts';
import { type FactIn, registry, versionOf } from './registry.ts';

/** One recorded type for each event type, so that a test of the type tells what the data is. */
export type Recorded<Fact extends DomainEvent> = Fact extends DomainEvent ? RecordedEvent<Fact> : never;

/** What is read in streams of these categories. */
export type RecordedIn<In extends Category> = Recorded<FactIn<In>>;

export type Fact = FactIn<Category>;
export type FactType = Fact['type'];
/** By the type of event: a type has one contract, in whichever streams it stands. */
export type FactData = { readonly [One in Fact as One['type']]: One['data'] };
export type RecordedAs<Type extends FactType> = {
  [One in Type]: RecordedEvent<DomainEvent<One, FactData[One]>>;
}[Type];

type Guard<In extends Category> = (event: RecordedEvent) => event is RecordedIn<In>;

/** By category, then type: the version whose data its contract describes. */
const versions = new Map(
  categories.map((category) => [
    category,
    new Map(Object.entries(registry[category]).map(([type, { version }]) => [type, version])),
  ]),
);

/**
 * Whether an event stands in a stream of one of these categories, as this program reads it. Its data is not looked at again: the store
 * held it to its contract when it was appended, and brought it up to the current version when it was read. What was read `asRecorded`
 * in an older version is none.
 */
export const standsIn = <In extends Category>(...within: readonly In[]): Guard<In> => {
  const known = within.map((category) => ({ prefix: `${category}-`, versions: versions.get(category) }));
  return (event): event is RecordedIn<In> =>
    known.some(
      (one) => event.stream.startsWith(one.prefix) && one.versions?.get(event.type) === event.version,
    );
};

/** Whether an event is of one of these types, in whose data it is what the current contract says. */
export const isFact = <Type extends FactType>(...types: readonly Type[]) => {
  const known = new Map<string, number>(types.map((type) => [type, versionOf(type)]));
  return (event: RecordedEvent): event is RecordedAs<Type> => known.get(event.type) === event.version;
};

/**
 * The events of streams of one category, by their types.
 * @throws {TypeError} when one of them stands elsewhere, or in a version that is not the current one: it was read from the wrong place
 */
export const recordedIn = <In extends Category>(
  category: In,
  events: readonly RecordedEvent[],
): readonly RecordedIn<In>[] => {
  const stands = standsIn(category);
  if (events.every(stands)) return events;
  const { stream, revision, type, version } = events.find((event) => !stands(event)) ?? {};
  throw new TypeError(
    `Revision ${revision} of ${stream} is "${type}" in version ${version}, which is not read in a stream of the category ${category}.`,
  );
};

/** Functions by the type of event whose data they take, among what else they are given. */
export type ByType<
  Type extends FactType,
  Before extends readonly unknown[],
  After extends readonly unknown[],
  Answer,
> = { readonly [One in Type]?: (...given: [...Before, FactData[One], ...After]) => Answer };

const types: ReadonlySet<string> = new Set([...versions.values()].flatMap((known) => [...known.keys()]));
const isSaid = (event: DomainEvent): event is Fact => types.has(event.type);

/** Type and data vary together: what is looked up by the type takes just that data. */
const ask = <
  Type extends FactType,
  Before extends readonly unknown[],
  After extends readonly unknown[],
  Answer,
>(
  functions: ByType<FactType, Before, After, Answer>,
  { type, data }: { readonly type: Type; readonly data: FactData[Type] },
  before: Before,
  after: After,
): Answer | undefined => functions[type]?.(...before, data, ...after);

/** Asks the function that an event's type has, with the event's data; undefined where it has none. */
export const askByType = <Before extends readonly unknown[], After extends readonly unknown[], Answer>(
  functions: ByType<FactType, Before, After, Answer>,
  event: DomainEvent,
  before: Before,
  after: After,
): Answer | undefined => (isSaid(event) ? ask(functions, event, before, after) : undefined);
