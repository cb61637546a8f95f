"""The web chat, by Gradio, served from this machine to this machine."""

from aiqa.web.app import serve

__all__ = ["serve"]
