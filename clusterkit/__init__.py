"""The executable casebook of industrial clusters.

Import it as ``import clusterkit as ck``. Nothing is set or logged at import: each name listed in
``__init__.pyi`` brings its own room with it when it is first used.
"""

import lazy_loader

__version__ = "0.2.0"

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
