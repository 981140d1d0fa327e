SELECT saas_blog."fn_delete_post"("id" => $1)::saas_blog."tb_post";

-- $1 deletePost(id: literal 0): uuid 33333333-3333-4333-8333-333333333333

SELECT concat('{"deletedAt":', coalesce(to_json(to_char(t0."deleted_at" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))::text, 'null'),
'}')
FROM
(SELECT ($1).*) t0;

-- $1 the row of tb_post that was written: what the statement before has given
-- expected bytes: 100
