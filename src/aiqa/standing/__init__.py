"""Standing questions: asked again when documents change, told of only when the answer changes."""
