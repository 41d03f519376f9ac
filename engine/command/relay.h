// relay: joins this terminal with another one, of which the master end is ours, until that is over.
#pragma once

// What is typed goes there, what is printed there comes here, and its size follows ours. Returns
// when the other side has hung up. What ends on a standard input that is no terminal is the
// shell there.
void relay_run(int master);
