"""Types of arrays, for annotations: one name each in the whole package."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]
Indices = NDArray[np.int64]
Flags = NDArray[np.bool_]
