SELECT concat('{"data":{"posts":', concat('{"pageInfo":{"__typename":"PageInfo"}}'),
'}}');

-- expected bytes: 50 + [default page size] × (0)
