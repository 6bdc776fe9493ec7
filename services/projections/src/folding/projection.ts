import {
  type AgentEvent,
  type BundleEvent,
  type KnowledgeEvent,
  type MergeEvent,
  type OrganizationId,
  ownerOf,
  type PlanEvent,
  type ProcessorEvent,
  type ProjectEvent,
  type RecordedEvent,
  type RunEvent,
} from '@partitura/shared/events';
import type { Document } from '@partitura/shared/read-models';

/** Whose a document is: of the event it began with. Null: it is for those alone who may see the whole installation. */
export interface Owned {
  readonly organizationId: OrganizationId | null;
}

/** A document knows the last event that is in it: the same event again is passed over. */
export interface Projected extends Document, Owned {
  readonly position: string;
}

/**
 * A read model as data: which events concern it, which documents each of them touches, and what becomes of them. Pure: the same
 * events in any batches make the same documents, live, rebuilt, or folded in memory up to some position.
 */
export interface Projection<Content extends Projected = Projected> {
  readonly name: string;
  /** Another shape or another meaning of the documents is another version: they are then built again. */
  readonly version: number;
  readonly indexes: readonly (readonly string[])[];
  /** Null for every event there is. */
  readonly types: ReadonlySet<string> | null;
  /** Whether a run that was forked has in it what its parent had: `run.forked` comes after all that was inherited. */
  readonly inherits?: boolean;
  /** Ids of the documents the event touches. */
  keys(event: RecordedEvent): readonly string[];
  /** The document after the event; undefined when there is none, before or after. It owns the document it is given. */
  apply(document: Content | undefined, event: RecordedEvent, id: string): Content | undefined;
  /** For documents that sum up others of the same read model: after each change of a document, its parent takes it in. */
  readonly parents?: {
    parentOf(document: Content): string | null;
    take(parent: Content, child: Content): Content;
  };
}

export type KnownEvent =
  | ProjectEvent
  | RunEvent
  | PlanEvent
  | AgentEvent
  | MergeEvent
  | KnowledgeEvent
  | ProcessorEvent
  | BundleEvent;
export type KnownType = KnownEvent['type'];
export type DataOf<Type extends KnownType> = Extract<KnownEvent, { type: Type }>['data'];

/** How a document begins, but for whose it is. */
export type Beginnings<Content> = {
  readonly [Type in KnownType]?: (
    data: DataOf<Type>,
    event: RecordedEvent,
    id: string,
  ) => Omit<Content, keyof Owned>;
};
/** What becomes of a document that is there. */
export type Changes<Content> = {
  readonly [Type in KnownType]?: (document: Content, data: DataOf<Type>, event: RecordedEvent) => Content;
};

type Looked<Function> = Readonly<Record<string, Function | undefined>>;

/** A projection from two tables by event type; what stands in neither is ignored. */
export const defineProjection = <Content extends Projected>(definition: {
  readonly name: string;
  readonly version: number;
  readonly indexes: readonly (readonly string[])[];
  readonly inherits?: boolean;
  readonly keys: (event: RecordedEvent) => readonly string[];
  readonly begins: Beginnings<Content>;
  readonly changes: Changes<Content>;
  readonly parents?: Projection<Content>['parents'];
}): Projection<Content> => {
  const { begins, changes, parents, ...rest } = definition;
  // The registry refused at the append what does not keep its contract: the data is what the type says.
  const begin = begins as Looked<
    (data: unknown, event: RecordedEvent, id: string) => Omit<Content, keyof Owned>
  >;
  const change = changes as Looked<(document: Content, data: unknown, event: RecordedEvent) => Content>;
  return {
    ...rest,
    ...(parents ? { parents } : {}),
    types: new Set([...Object.keys(begins), ...Object.keys(changes)]),
    apply: (document, event, id) => {
      if (document === undefined) {
        const begun = begin[event.type]?.(event.data, event, id);
        // What it lacks of its type is whose it is.
        return begun && ({ ...begun, organizationId: ownerOf(event.metadata) } as Content);
      }
      const changed = change[event.type]?.(document, event.data, event);
      return changed ? { ...changed, position: event.position } : document;
    },
  };
};
