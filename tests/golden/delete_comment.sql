SELECT saas_blog."fn_delete_comment"("id" => $1)::saas_blog."tb_comment";

-- $1 deleteComment(id: literal 0): uuid 33333333-3333-4333-8333-333333333333

SELECT concat('{"id":"', t0."id",
'","createdAt":"', to_char(t0."created_at" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
'","__typename":"Comment"}')
FROM
(SELECT ($1).*) t0;

-- $1 the row of tb_comment that was written: what the statement before has given
-- expected bytes: 150
