-- The lock comes first and keeps writers out: one that has locked the tables for its statement and waits for the state's row, and
-- this one, which would have the row and wait for the tables, would wait for each other. The tables are in the order in which
-- readers lock them, for the same reason. Rejected: `delete`, which leaves every dead vector in the graph until a vacuum.
begin;
lock table {schema}.state in share row exclusive mode;
truncate {schema}.findings, {schema}.edges, {schema}.nodes;
update {schema}.state set checkpoint = '';
commit;
