"""Memory that was freed stays with the process, as long as there is enough of it."""
import ctypes

# Of glibc's malloc.h.
M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_THRESHOLD = -1, -2, -3
KEPT = {M_MMAP_THRESHOLD: 1 << 30, M_TRIM_THRESHOLD: (1 << 31) - 1, M_TOP_PAD: 64 << 20}
RETURNED = {M_MMAP_THRESHOLD: 128 << 10, M_TRIM_THRESHOLD: 128 << 10, M_TOP_PAD: 0}


def keep_memory():
    """
    Activations are freed and asked for again at every step. Left to itself, glibc gives the large ones back to the system
    each time, and a third of a step goes into getting their pages again. Other C libraries have no such call, nor need.
    """
    _set(KEPT)


def return_memory():
    """From here on what is freed goes back to the system, as does what was kept: gaps between tensors are lost to others."""
    _set(RETURNED)
    trim = getattr(ctypes.CDLL(None), 'malloc_trim', None)
    if trim is not None:
        trim(0)


def _set(settings):
    mallopt = getattr(ctypes.CDLL(None), 'mallopt', None)
    if mallopt is not None:
        for setting, value in settings.items():
            mallopt(setting, value)
