"""The entry of a training worker: `python3 worker --device cpu`. Any Python can read this file, to be told apart."""
import sys

OLDEST = (3, 9)

if sys.version_info < OLDEST:
    sys.stdout.write(
        '{"kind": "unusable", "found": "Python %d.%d", "expected": "Python %d.%d or later", '
        '"next": "name another one with --python PATH"}\n' % (sys.version_info[:2] + OLDEST)
    )
    sys.exit(1)

from nas_worker.main import main  # noqa: E402

main()
