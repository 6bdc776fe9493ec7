import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { MongoClient } from 'mongodb';
import pg from 'pg';
import type { World } from './world.ts';

/** Ways to lose what an engine has, while whoever stands on it goes on. */
export const wipes = {
  'Redis is flushed': async ({ stack }: World) => {
    const redis = new Redis(stack.urls.redis);
    await redis.flushall();
    await redis.quit();
  },
  'Redis is killed, and comes back without its data': async ({ directory, stack }: World) => {
    await stack.servers.redis.kill();
    await rm(join(directory, 'stack', 'redis', 'appendonlydir'), { recursive: true });
    await stack.servers.redis.start();
  },
  'all databases of MongoDB are dropped': async ({ stack }: World) => {
    const client = await MongoClient.connect(stack.urls.mongodb);
    await client.db().dropDatabase();
    await client.close();
  },
  'the schema in PostgreSQL is dropped': async ({ stack }: World) => {
    const client = new pg.Client(stack.urls.postgres);
    await client.connect();
    await client.query('drop schema partitura cascade');
    await client.end();
  },
  'Kafka is killed, and comes back without its data': async ({ directory, stack }: World) => {
    await stack.servers.kafka.kill();
    await rm(join(directory, 'stack', 'kafka', 'data'), { recursive: true });
    await stack.servers.kafka.start();
  },
} as const;
