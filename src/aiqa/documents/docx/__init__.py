"""Word documents: body, notes, comments, headers and footers, as Word shows them."""
