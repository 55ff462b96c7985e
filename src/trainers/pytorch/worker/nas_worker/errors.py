"""What a training may end with instead of a result."""


class Refused(Exception):
    """A request that cannot be done, in the host's grammar: what was found, what was expected, what to do next."""

    def __init__(self, found, expected=None, next=None):
        super().__init__(found)
        fields = {'found': found, 'expected': expected, 'next': next}
        self.fields = {name: text for name, text in fields.items() if text is not None}


class Cancelled(Exception):
    """The host has lost interest."""


OUT_OF_MEMORY = (
    'out of memory',
    "can't allocate memory",
    'not enough memory',
    'bad_alloc',
    'could not create a memory',
)


def is_out_of_memory(error):
    """PyTorch has no one class for it: older versions and processors raise a RuntimeError that says so."""
    return isinstance(error, MemoryError) or (
        isinstance(error, RuntimeError) and any(words in str(error).lower() for words in OUT_OF_MEMORY)
    )
