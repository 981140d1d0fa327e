SELECT concat('{"data":{"posts":{}}}');

-- expected bytes: 50 + [default page size] × (0)
