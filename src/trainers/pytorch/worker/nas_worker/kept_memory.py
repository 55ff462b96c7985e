"""Memory that was freed stays with the process."""
import ctypes

# Of glibc's malloc.h.
M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_THRESHOLD = -1, -2, -3
SETTINGS = {M_MMAP_THRESHOLD: 1 << 30, M_TRIM_THRESHOLD: (1 << 31) - 1, M_TOP_PAD: 64 << 20}


def keep_memory():
    """
    Activations are freed and asked for again at every step. Left to itself, glibc gives the large ones back to the system
    each time, and a third of a step goes into getting their pages again. Other C libraries have no such call, nor need.
    """
    mallopt = getattr(ctypes.CDLL(None), 'mallopt', None)
    if mallopt is not None:
        for setting, value in SETTINGS.items():
            mallopt(setting, value)
