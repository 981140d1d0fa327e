SELECT concat('{"data":{}}');

-- expected bytes: 0
