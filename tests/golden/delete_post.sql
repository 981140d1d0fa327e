SELECT saas_blog."fn_delete_post"("id" => $1)::saas_blog."tb_post";

-- $1 deletePost(id: literal 0): uuid null

SELECT concat('{"id":"', t0."id",
'","deletedAt":', coalesce(to_json(to_char(t0."deleted_at" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))::text, 'null'),
'}')
FROM
(SELECT ($1).*) t0;

-- $1 the row of tb_post that was written: what the statement before has given
-- expected bytes: 150
