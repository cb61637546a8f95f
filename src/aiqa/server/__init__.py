"""The web chat: a page by Gradio and what stands around it, served from this machine."""

from aiqa.server.run import Service, serve

__all__ = ["Service", "serve"]
