"""Spreadsheets of all formats: their sheets, tables, number formats, comments and charts."""
