-- Texts: in one language or two, filled in as string.format does; cue goes on at once when nobody presents.
-- Run with: --lang ko
-- Checks: 4
title { ko = "이야기하기", en = "Telling" }
scene { author = "an author", about = { en = "What this shows" }, tags = { "test" }, time_limit = "1m", linger = 0 }
local before = now()
say "plain"
say("%d of %s: %5.2f%%", 3, "four", 75)
say { ko = "안녕", en = "hello" }
say({ ko = "%d개", en = "%d pieces" }, 5)
cue "100%" -- nothing to fill in
cue { en = "only English" }
print("a", 1, nil, true)
expect(now() - before < 1, "cues do not wait")

local ok, why = pcall(say, "%d", "x")
expect(not ok and why:find("say", 1, true), { ko = "틀린 서식", en = "a wrong format is told" })
ok, why = pcall(say, nil)
expect(not ok and why:find("a text or { ko = …, en = … } expected, got nil", 1, true), "no text")
ok, why = pcall(title, "too late")
expect(not ok and why:find("put title at the top", 1, true), "a title comes first")
