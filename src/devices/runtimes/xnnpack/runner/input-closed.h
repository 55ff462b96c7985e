// Whether nobody is left to answer: the other end of a pipe or socket is closed and all of it has been read.
#pragma once

bool input_closed(int descriptor);
