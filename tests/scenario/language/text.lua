-- bytes(n): n readable bytes in which each place can be told apart.
local a = host "a"
expect(#bytes(0) == 0 and #bytes(1) == 1 and #bytes(5000) == 5000, "as many as asked for")
expect(#bytes "64KiB" == 65536, "or a size with a unit")
expect(bytes(48) == "........0000016\n........0000032\n........0000048\n", "lines of 16, each with the next one's offset")
expect(bytes(100000):sub(1, 50) == bytes(50), "the same beginning")
expect(not bytes(5000):find "[^%.%d\n]", "readable")
expect(not pcall(bytes, -1) and not pcall(bytes, {}) and not pcall(bytes, "65MiB"), "misuse")
