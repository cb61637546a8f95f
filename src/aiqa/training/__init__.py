"""How the shipped reader was trained, and how a user trains one."""
