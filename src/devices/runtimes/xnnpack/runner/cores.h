// The cores that this process may run on.
#pragma once

// Stays on a core from now on; false, with errno, where the system refuses.
bool pin(int core);

// Stays on the core of the highest clock, of several the last: the first has the system's own work. Returns it, or −1
// where the system lets us onto none.
int pin_to_fastest();
