SELECT saas_blog."fn_update_post"("id" => $1)::saas_blog."tb_post";

-- $1 updatePost(id: literal 0): uuid 33333333-3333-4333-8333-333333333333

SELECT concat('{"id":"', t0."id",
'"}')
FROM
(SELECT ($1).*) t0;

-- $1 the row of tb_post that was written: what the statement before has given
-- expected bytes: 100
