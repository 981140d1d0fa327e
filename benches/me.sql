-- By hand: the answer of { me { name } } for the user with the key :user of the tenant with the key :tenant.
SELECT concat('{"data":{"me":{"name":', to_json(u.name), '}}}')
FROM saas_blog.tb_user u WHERE u.fk_tenant = :tenant AND u.pk_user = :user
