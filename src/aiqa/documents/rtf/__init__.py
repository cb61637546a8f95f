"""Rich Text Format: its tokens, its character sets, and the text that they make."""
