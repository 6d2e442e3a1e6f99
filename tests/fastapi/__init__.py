"""`kombo_async.fastapi`, under uvicorn on loopback."""
