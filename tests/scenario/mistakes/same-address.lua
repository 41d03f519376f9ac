-- Two hosts cannot have one address.
-- Ends with status 3: hosts a and b cannot have the same address
local a, b = host("a", { address = "10.1.0.9" }), host("b", { address = "10.1.0.9" })
a:listen(80)
