-- The clock runs from the first wait on, in a scene without hosts too.
title "No hosts"
sleep(0.2)
expect(now() >= 0.2, "time has passed")
