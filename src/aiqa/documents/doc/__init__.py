"""Word files of the years 1997 to 2003 (MS-DOC), read from their streams."""
