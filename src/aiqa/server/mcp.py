"""The JSON endpoints as tools of the Model Context Protocol, at ``/mcp``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiqa.errors import DependencyError
from aiqa.server.api import JsonEndpoints

if TYPE_CHECKING:
    from starlette.applications import Starlette


def tools(endpoints: JsonEndpoints) -> Starlette:
    """An application that speaks MCP over HTTP, without sessions; its lifespan has to be run.

    Raises:
        DependencyError: the package `mcp` is not installed.
    """
    try:
        from mcp.server import MCPServer
        from mcp.server.mcpserver.exceptions import ToolError
        from mcp.server.transport_security import TransportSecuritySettings
    except ImportError as error:
        raise DependencyError(
            f"A package that MCP needs is not installed: {error}.", "Run `pip install 'aiqa[mcp]'`."
        ) from error
    server = MCPServer(
        "aiqa",
        instructions="Answers from a collection of documents in their own words, with citations.",
        log_level="ERROR",
    )
    for name, function in endpoints.by_name(ToolError).items():
        server.add_tool(function, name=name)
    return server.streamable_http_app(
        json_response=True,
        stateless_http=True,
        # ``security`` has checked host and origin already.
        transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
    )
