"""The lines of JSON between the host and this worker."""
import json
import os
import queue
import sys
import threading

HEARTBEAT_SECONDS = 2
KINDS = ('train', 'train-supernet')


class Job:
    """A training under way, as the threads of the channel see it."""

    def __init__(self, request):
        self.request = request
        self.kind = request['kind']
        self.id = request['id']
        self.step = 0
        # Mean over the last steps, where the job tells.
        self.loss = None
        self.is_cancelled = False

    def progress(self):
        return {'id': self.id, 'step': self.step, **({} if self.loss is None else {'loss': self.loss})}


class Channel:
    """
    Owns what were standard input and output. Whatever else prints writes to standard error from now on, so that no
    library can break a line. The process ends when the host closes its end: nothing is left to hold a GPU.
    """

    def __init__(self):
        self._output = os.fdopen(os.dup(1), 'w', encoding='utf-8', newline='\n')
        os.dup2(2, 1)
        self._input = os.fdopen(os.dup(0), 'r', encoding='utf-8', newline='\n')
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)
        self._lock = threading.Lock()
        self._requests = queue.Queue()
        self._job = None
        for run in (self._read, self._beat):
            threading.Thread(target=run, daemon=True).start()

    def send(self, kind, **fields):
        line = json.dumps({'kind': kind, **fields}, allow_nan=False)
        with self._lock:
            try:
                self._output.write(line + '\n')
                self._output.flush()
            except OSError:
                os._exit(0)

    def next_job(self):
        """Waits for a request to train."""
        self._job = None
        self._job = self._requests.get()
        return self._job

    def _read(self):
        latest = None
        for line in self._input:
            try:
                message = json.loads(line)
                if message['kind'] in KINDS:
                    latest = Job(message)
                    self._requests.put(latest)
                elif message['kind'] == 'cancel' and latest is not None and message['id'] == latest.id:
                    latest.is_cancelled = True
            except (ValueError, KeyError, TypeError) as error:
                sys.stderr.write('not a request (%r): %s\n' % (error, line[:200]))
                os._exit(2)
        os._exit(0)

    def _beat(self):
        """Tells that the process lives; the step tells whether it gets on."""
        pause = threading.Event()
        while True:
            job = self._job
            self.send('heartbeat', **({} if job is None else job.progress()))
            pause.wait(HEARTBEAT_SECONDS)
