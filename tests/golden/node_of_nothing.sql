SELECT concat('{"data":{"node":', coalesce('null'),
'}}');

-- expected bytes: 50
