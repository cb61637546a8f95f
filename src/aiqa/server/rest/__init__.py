"""The REST interface: a module for each resource."""

from aiqa.server.rest.application import rest_application

__all__ = ["rest_application"]
