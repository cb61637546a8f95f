"""PowerPoint files of the years 1997 to 2003 (MS-PPT), read from their records."""
