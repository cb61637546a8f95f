"""Other systems for ``aiqa eval --system``, and examples of how to write such a module."""
