"""PowerPoint presentations: slides with their tables, charts, comments and speaker notes."""
