SELECT concat('{"data":{"__typename":"Query"}}');

-- expected bytes: 0
