"""民心尺 Minxin: public feedback and satisfaction surveys whose numbers can be defended."""

import os

__version__ = "0.1.0"

# A sum in another order ends in another last digit: how many processors a machine has must
# not move a published number. One thread is also the faster way for matrices of our sizes.
for library in ("OPENBLAS", "OMP", "MKL", "VECLIB"):
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")
