"""Speed, as ratios within one run, on the processor's own kernels: older ones give equal bits, which no timing needs."""

import os

os.environ.pop("OPENBLAS_CORETYPE", None)  # read when NumPy is loaded, which is after this
