SELECT concat('{"data":{"posts":', concat('{}'),
'}}');

-- expected bytes: 50 + [default page size] × (0)
