SELECT saas_blog."fn_update_user"("id" => $1, "role" => $2)::saas_blog."tb_user";

-- $1 updateUser(id: variable 0): uuid 33333333-3333-4333-8333-333333333333
-- $2 updateUser(role: variable 2): text "editor"

SELECT concat('{"id":"', t0."id",
'","name":', to_json(t0."name"),
',"role":', to_json(t0."role"),
'}')
FROM
(SELECT ($1).*) t0;

-- $1 the row of tb_user that was written: what the statement before has given
-- expected bytes: 200
