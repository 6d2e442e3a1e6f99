"""The network: send one request, return one response. The only importer of aiohttp in the engine.

`transport.py` sends, `payloads.py` has the bodies, `connector.py` the connections, `network_errors.py` what a failure
means.
"""

from .transport import LoopTransport, Transport

__all__ = ["LoopTransport", "Transport"]
