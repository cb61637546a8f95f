"""PDF files to text, and the places of its characters on their pages."""
