SELECT saas_blog."fn_update_post"("id" => $1, "content" => $2, "published" => $3, "if_updated_at" => $4::timestamptz)::saas_blog."tb_post";

-- $1 updatePost(id: literal 0): uuid 33333333-3333-4333-8333-333333333333
-- $2 updatePost(content: literal 1): text "New"
-- $3 updatePost(published: Boolean(false)): boolean false
-- $4 updatePost(ifUpdatedAt: variable 0): text "2026-11-23T10:15:00.123456Z"

SELECT concat('{"id":"', t0."id",
'","title":', to_json(t0."title"),
',"updatedAt":"', to_char(t0."updated_at" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
'"}')
FROM
(SELECT ($1).*) t0;

-- $1 the row of tb_post that was written: what the statement before has given
-- expected bytes: 200
