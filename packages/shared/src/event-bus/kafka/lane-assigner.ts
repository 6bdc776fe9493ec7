import kafkajs, { type Assigner, type Cluster, type GroupMember, type PartitionAssigner } from 'kafkajs';
import { refusal } from './errors.ts';

const { MemberAssignment, MemberMetadata } = kafkajs.AssignerProtocol;

export interface LaneAssignerOptions {
  /** Partitions of each topic. */
  readonly lanes: number;
  /** The lanes this member has now: they stay with it as far as that is fair. */
  readonly held: () => readonly number[];
  /** Awaited before this member says that it may be given other lanes. */
  readonly beforeJoin: () => Promise<void>;
}

const name = 'partitura-lanes';
const version = 1;

/**
 * Gives out lanes: a lane is the partition of one number in all topics, so that whoever has it sees all of a run, whatever its
 * events are about.
 *
 * `beforeJoin`: kafkajs joins anew as soon as it hears of a rebalance, while our handlers are still at work on what another member
 * is about to be given. Its cluster, which it hands to an assigner, is asked for the group's coordinator before each join and by
 * nothing else: there the join can be held up.
 */
export const laneAssigner =
  ({ lanes, held, beforeJoin }: LaneAssignerOptions): PartitionAssigner =>
  ({ cluster }): Assigner => {
    const find = cluster.findGroupCoordinator;
    cluster.findGroupCoordinator = async (group) => {
      await beforeJoin();
      try {
        return await find.call(cluster, group);
      } catch (error) {
        await askForTheGroup(cluster, group.groupId);
        throw error;
      }
    };
    return {
      name,
      version,
      protocol: ({ topics }) => ({
        name,
        metadata: MemberMetadata.encode({ version, topics, userData: Buffer.from(JSON.stringify(held())) }),
      }),
      assign: async ({ members }) => {
        const wishes = members.map(wishOf);
        const owners = share(wishes, lanes);
        return wishes.map(({ memberId }) => ({
          memberId,
          memberAssignment: MemberAssignment.encode({
            version,
            assignment: assignmentOf(memberId, wishes, owners),
            userData: Buffer.alloc(0),
          }),
        }));
      },
    };
  };

/** kafkajs says "not found" of a coordinator, whatever the broker said. Rejects with that, if it was that we may not know the group. */
const askForTheGroup = async (cluster: Cluster, groupId: string): Promise<void> => {
  const [nodeId] = cluster.getNodeIds();
  if (nodeId === undefined) return;
  const broker = await cluster.findBroker({ nodeId: String(nodeId) });
  await broker.offsetFetch({ groupId, topics: [] }).catch((error: unknown) => {
    if (refusal('', error, '')) throw error;
  });
};

export interface Wish {
  readonly memberId: string;
  readonly topics: readonly string[];
  readonly held: readonly number[];
}

const wishOf = ({ memberId, memberMetadata }: GroupMember): Wish => {
  const { topics = [], userData = Buffer.alloc(0) } = MemberMetadata.decode(memberMetadata) ?? {};
  return { memberId, topics, held: lanesIn(userData) };
};

const lanesIn = (userData: Buffer): readonly number[] => {
  try {
    const held: unknown = JSON.parse(userData.toString());
    return Array.isArray(held) ? held.filter((lane) => Number.isInteger(lane)) : [];
  } catch {
    return [];
  }
};

/**
 * Who gets which lane: each as many as the others, or one more; of what one had it keeps what it may, and who had most is the
 * first to have one more. The same wishes in any order give the same shares.
 */
export const share = (wishes: readonly Wish[], lanes: number): readonly string[] => {
  const members = wishes.toSorted(
    (one, other) => other.held.length - one.held.length || (one.memberId < other.memberId ? -1 : 1),
  );
  const room = new Map(
    members.map(({ memberId }, index) => [
      memberId,
      Math.floor(lanes / members.length) + (index < lanes % members.length ? 1 : 0),
    ]),
  );
  const owners: (string | null)[] = Array.from({ length: lanes }, () => null);
  const give = (lane: number, memberId: string) => {
    owners[lane] = memberId;
    room.set(memberId, (room.get(memberId) ?? 0) - 1);
  };
  for (const { memberId, held } of members)
    for (const lane of held) if (owners[lane] === null && (room.get(memberId) ?? 0) > 0) give(lane, memberId);
  owners.forEach((owner, lane) => {
    if (owner !== null) return;
    const next = members.find(({ memberId }) => (room.get(memberId) ?? 0) > 0);
    if (next) give(lane, next.memberId);
  });
  return owners.map((owner) => owner ?? '');
};

/** While a group is upgraded its members may not all know a topic: then somebody who does takes its part of the lane. */
const assignmentOf = (
  memberId: string,
  wishes: readonly Wish[],
  owners: readonly string[],
): Record<string, number[]> => {
  const assignment: Record<string, number[]> = {};
  for (const topic of new Set(wishes.flatMap(({ topics }) => topics))) {
    const able = wishes
      .filter(({ topics }) => topics.includes(topic))
      .map((wish) => wish.memberId)
      .toSorted();
    const mine = owners
      .map((owner, lane) => ({ lane, owner: able.includes(owner) ? owner : able[0] }))
      .filter(({ owner }) => owner === memberId)
      .map(({ lane }) => lane);
    if (mine.length > 0) assignment[topic] = mine;
  }
  return assignment;
};
