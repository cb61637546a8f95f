"""Text to sentences, tokens and index terms."""
