"""Components for other frameworks, each in a module that needs the extra of the same name."""
