-- Whose a node is. What is here was folded from logs that name nobody, which is the default organisation. The columns keep no default:
-- a process of the version before, which would write another's nodes as the default organisation's, is refused instead.
-- Locked in the order of clear.sql, for its reasons: others may be reading.
lock table {schema}.state in share row exclusive mode;
-- Not there yet where this is the first start: it is made with all this, see create-findings.sql.
do $$ begin
  if to_regclass('{schema}.findings') is not null then
    alter table {schema}.findings add column organization_id text collate "C" not null default 'default';
    alter table {schema}.findings alter column organization_id drop default;
    create index findings_by_organization on {schema}.findings (organization_id);
  end if;
end $$;
alter table {schema}.nodes add column organization_id text collate "C" not null default 'default';
alter table {schema}.nodes alter column organization_id drop default;
create index nodes_by_organization on {schema}.nodes (organization_id, node_id);
