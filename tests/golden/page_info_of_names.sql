SELECT concat('{"data":{"posts":{"pageInfo":{"__typename":"PageInfo"}}}}');

-- expected bytes: 50 + [default page size] × (0)
