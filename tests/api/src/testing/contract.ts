/** The routes of the outside contract, below `/api/v1`: what operators and their programs rely on. */
export const promisedRoutes = `
POST GET            /projects
PUT                 /projects/{id}/prd
POST                /projects/{id}/{pause,resume,cancel,archive,clone}
GET PATCH DELETE    /projects/{id}
POST GET            /projects/{id}/runs
GET                 /projects/{id}/{tasks,agents,artifacts,knowledge}
GET                 /runs
GET                 /runs/{id}
POST                /runs/{id}/{pause,resume,cancel,retry,replan,fork}
GET                 /runs/{id}/{plan,tasks,agents,artifacts,approvals,timeline,cost,history,state,diff,verification}
GET                 /tasks/{id}
POST                /tasks/{id}/{retry,approve,cancel,run-qa}
GET POST            /tasks/{id}/comments
GET                 /agents
GET                 /agents/{id}
GET                 /agents/{id}/logs
POST                /agents/{id}/{messages,interrupt}
GET                 /approvals
GET                 /approvals/{id}
POST                /approvals/{id}/{grant,deny}
GET                 /artifacts/{id}
GET                 /artifacts/{id}/content
GET POST            /workflows
GET                 /workflows/{name}
GET                 /workflows/{name}/versions/{n}
GET POST            /knowledge/nodes
GET                 /knowledge/nodes/{id}
GET                 /knowledge/{search,graph}
POST GET            /webhooks
DELETE PATCH        /webhooks/{id}
GET                 /webhooks/{id}/deliveries
POST                /webhooks/{id}/test
POST                /webhooks/{id}/deliveries/{delivery}/redeliver
GET                 /events
GET                 /dead-letters
GET                 /analytics/{costs,throughput,agents,quality,parallelism}
GET                 /exports/{model}.{ndjson,csv,parquet}
GET                 /audit
GET                 /audit/verify
GET                 /projections
POST                /projections/{name}/rebuild
POST GET            /api-keys
DELETE              /api-keys/{id}
GET POST            /organizations
GET POST            /organizations/{id}/members
`
  .trim()
  .split('\n')
  .flatMap((line) => {
    const [, methods = '', path = ''] = /^([A-Z ]+?) +(\/.*)$/.exec(line) ?? [];
    return methods.split(' ').flatMap((method) => alternatives(path).map((one) => `${method} ${one}`));
  });

/** Promised, and not there yet. */
export const notYet: readonly RegExp[] = [];

/** `/a/{b,c}` is `/a/b` and `/a/c`; what a parameter is called is of no interest to whoever calls. */
function alternatives(path: string): readonly string[] {
  const [whole, inner] = /\{([^}]*,[^}]*)\}/.exec(path) ?? [];
  if (whole === undefined || inner === undefined) return [withoutNames(path)];
  return inner.split(',').flatMap((one) => alternatives(path.replace(whole, one)));
}

export function withoutNames(path: string): string {
  return path.replaceAll(/\{\w+\}/g, '{}');
}
