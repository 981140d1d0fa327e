SELECT concat('{"data":{"node":null}}');

-- expected bytes: 50
