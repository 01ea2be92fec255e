"""The running half of the API plane: Envoy's configuration and the shaping service. Imports no
Django."""

from huitong.planes.gateway.engine.process import NoEnvoy, binary, bootstrap

__all__ = ["NoEnvoy", "binary", "bootstrap"]
