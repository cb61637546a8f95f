"""The processes that parse files, with limits on their time and memory."""
