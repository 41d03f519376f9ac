-- A way out that nobody has granted.
-- Ends with status 2: the scene wants to reach the real address example.com:80; to allow that, give --allow-net
local outside = relay "example.com:80"
