"""Read by Airflow in each of its processes: what they fork ends with them, however they end (Linux)."""

import ctypes
import os
import signal
import sys

if sys.platform == "linux":
    _prctl = ctypes.CDLL(None).prctl
    _PR_SET_PDEATHSIG = 1
    os.register_at_fork(after_in_child=lambda: _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL))
