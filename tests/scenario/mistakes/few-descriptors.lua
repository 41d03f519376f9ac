-- A program has descriptors 0, 1 and 2 before it does anything.
-- Ends with status 2: host: descriptors is a whole number from 3 on (0, 1 and 2 are taken), not 2
host("server", { descriptors = 2 })
